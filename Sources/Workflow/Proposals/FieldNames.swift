import Dumps
import Foundation

/// How well a column's name says that it holds a field, in the languages that dumps come in.
enum FieldNames {
  /// Per field the usual names, the plainest first: small letters without accents, blanks or punctuation.
  private static let known: [TransactionField: [String]] = [
    .transactionID: [
      "transactionid", "invoice", "invoiceno", "invoicenumber", "invoiceid", "orderid", "orderno", "ordernumber", "order", "transaction",
      "transactionno", "transactionnumber", "txid", "txnid", "transid", "receipt", "receiptid", "receiptno", "receiptnumber", "saleid",
      "salesid", "basketid", "basket", "ticket", "ticketid", "ticketno", "billno", "billid", "purchaseid", "documentno", "docno",
      "voucherno",
      "beleg", "belegnr", "belegnummer", "belegid", "rechnung", "rechnungsnr", "rechnungsnummer", "rechnungid", "bestellung", "bestellnr",
      "bestellnummer", "bestellid", "auftrag", "auftragsnr", "auftragsnummer", "bon", "bonnr", "bonnummer", "vorgang", "vorgangsnr",
      "facture", "numerofacture", "nofacture", "commande", "numerocommande", "idcommande", "numticket", "factura", "numerofactura",
      "pedido",
      "numeropedido", "idpedido", "recibo", "fattura", "numerofattura", "ordine", "numeroordine", "idordine", "scontrino", "factuur",
      "factuurnummer", "bestelling", "bestelnummer", "fatura", "faturano", "notafiscal", "idvenda", "faktura", "numerfaktury", "zamowienie",
      "numerzamowienia", "paragon", "ordernr", "ordrenr", "ordrenummer", "kvitto", "kvittonummer", "bilag", "objednavka", "uctenka",
      "cislofaktury", "siparisno", "fisno",
    ],
    .customerID: [
      "customerid", "customer", "custid", "customerno", "customernumber", "customernr", "cust", "custno", "clientid", "client", "clientno",
      "userid", "user", "memberid", "member", "memberno", "accountid", "account", "accountno", "buyerid", "buyer", "shopperid",
      "householdid", "household", "householdkey", "cardid", "cardno", "cardnumber", "loyaltyid", "loyaltycard", "personid", "visitorid",
      "contactid", "subscriberid", "kunde", "kundenid", "kundennr", "kundennummer", "kundeid", "kdnr", "kdid", "debitor", "debitornr",
      "mitglied", "mitgliedsnr", "kundenkarte", "idclient", "noclient", "numeroclient", "numclient", "codeclient", "acheteur", "cliente",
      "idcliente", "clienteid", "codigocliente", "numerocliente", "codcliente", "codicecliente", "klant", "klantid", "klantnr",
      "klantnummer", "klient", "klientid", "idklienta", "nrklienta", "kund", "kundnr", "kundnummer", "zakaznik", "idzakaznika", "musteri",
      "musterino", "musteriid",
    ],
    .occurredAt: [
      "occurredat", "invoicedate", "orderdate", "transactiondate", "transactiontime", "transactiondatetime", "purchasedate", "purchasedat",
      "saledate", "salesdate", "date", "datetime", "timestamp", "time", "orderedat", "orderdatetime", "ordertime", "receiptdate",
      "billdate",
      "bookingdate", "postingdate", "eventtime", "eventdate", "soldat", "paidat", "placedat", "day", "createdat", "created", "creationdate",
      "ts", "dt", "datum", "belegdatum", "rechnungsdatum", "bestelldatum", "auftragsdatum", "kaufdatum", "verkaufsdatum", "buchungsdatum",
      "zeitpunkt", "zeitstempel", "tag", "datefacture", "datecommande", "dateachat", "datevente", "jour", "fecha", "fechafactura",
      "fechapedido", "fechacompra", "fechaventa", "data", "datafattura", "dataordine", "dataacquisto", "datavendita", "factuurdatum",
      "besteldatum", "aankoopdatum", "datacompra", "datavenda", "datapedido", "datafaktury", "datazamowienia", "datazakupu", "orderdatum",
      "fakturadatum", "kopdatum", "dato", "ordredato", "datumobjednavky", "tarih", "siparistarihi", "faturatarihi",
    ],
    .amount: [
      "amount", "total", "totalamount", "totalprice", "linetotal", "lineamount", "ordertotal", "invoicetotal", "grandtotal", "netamount",
      "grossamount", "saleamount", "salesamount", "sales", "salesvalue", "revenue", "value", "ordervalue", "paid", "paidamount",
      "amountpaid", "turnover", "sum", "subtotal", "spend", "payment", "price", "betrag", "gesamtbetrag", "gesamt", "gesamtpreis", "summe",
      "umsatz", "zeilenbetrag", "rechnungsbetrag", "nettobetrag", "bruttobetrag", "netto", "brutto", "wert", "warenwert", "montant",
      "montanttotal", "montantttc", "montantht", "totalttc", "totalht", "somme", "chiffreaffaires", "importe", "importetotal", "monto",
      "valor", "valortotal", "importo", "importototale", "totale", "bedrag", "totaalbedrag", "totaal", "omzet", "kwota", "wartosc", "suma",
      "belopp", "summa", "belob", "belop", "castka", "celkem", "tutar", "toplam",
    ],
    .quantity: [
      "quantity", "qty", "quantitysold", "units", "unitssold", "count", "pieces", "pcs", "items", "itemcount", "volume", "menge", "anzahl",
      "stueck", "stuck", "stk", "stueckzahl", "stuckzahl", "quantite", "qte", "nombre", "cantidad", "cant", "unidades", "quantita", "qta",
      "pezzi", "aantal", "stuks", "quantidade", "qtd", "ilosc", "sztuki", "antal", "antall", "mnozstvi", "pocet", "adet", "miktar",
    ],
    .unitPrice: [
      "unitprice", "price", "priceperunit", "itemprice", "productprice", "sellingprice", "salesprice", "priceeach", "einzelpreis", "preis",
      "stueckpreis", "stuckpreis", "verkaufspreis", "vk", "vkpreis", "prixunitaire", "prix", "pu", "preciounitario", "precio",
      "prezzounitario", "prezzo", "stukprijs", "prijs", "eenheidsprijs", "precounitario", "preco", "cenajednostkowa", "cena", "apris",
      "styckpris", "stykpris", "enhetspris", "pris", "jednotkovacena", "birimfiyat", "fiyat",
    ],
    .discount: [
      "discount", "discountamount", "discountvalue", "totaldiscount", "rebate", "reduction", "markdown", "couponvalue", "couponamount",
      "rabatt", "rabattbetrag", "nachlass", "preisnachlass", "skonto", "remise", "montantremise", "descuento", "importedescuento", "sconto",
      "importosconto", "korting", "kortingsbedrag", "desconto", "rabat", "znizka", "sleva", "indirim",
    ],
    .cost: [
      "cost", "costs", "cogs", "costofgoods", "costofgoodssold", "totalcost", "costamount", "linecost", "kosten", "wareneinsatz",
      "einstandswert", "warenkosten", "cout", "couts", "couttotal", "coste", "costetotal", "costo", "costototale", "kostprijs", "custo",
      "custototal", "koszt", "kostnad", "omkostning", "naklady", "maliyet",
    ],
    .category: [
      "category", "productcategory", "itemcategory", "department", "productgroup", "productline", "producttype", "genre", "family",
      "section",
      "commodity", "product", "productid", "productcode", "stockcode", "sku", "item", "itemid", "itemcode", "itemno", "article",
      "articleid",
      "articleno", "articlecode", "asin", "ean", "productname", "description", "kategorie", "warengruppe", "produktgruppe", "artikelgruppe",
      "gruppe", "abteilung", "sparte", "artikel", "artikelnr", "artikelnummer", "produkt", "produktnr", "bezeichnung", "categorie",
      "famille", "rayon", "produit", "codeproduit", "categoria", "familia", "departamento", "producto", "articulo", "codigoproducto",
      "reparto", "prodotto", "articolo", "codiceprodotto", "afdeling", "productgroep", "produto", "codigoproduto", "kategoria", "grupa",
      "towar", "kategori", "varugrupp", "varegruppe", "vare", "zbozi", "urun", "urunkodu",
    ],
    .channel: [
      "channel", "saleschannel", "orderchannel", "storeid", "store", "shop", "shopid", "branch", "outlet", "location", "pos", "source",
      "medium", "platform", "market", "marketplace", "region", "country", "kanal", "vertriebskanal", "verkaufskanal", "filiale", "filialnr",
      "laden", "markt", "standort", "land", "canal", "canalvente", "magasin", "boutique", "pays", "tienda", "sucursal", "pais", "canale",
      "negozio", "punto", "paese", "kanaal", "winkel", "filiaal", "loja", "filial", "sklep", "kraj", "butik", "butikk", "prodejna", "zeme",
      "magaza", "sube", "ulke",
    ],
    .kind: [
      "kind", "type", "transactiontype", "txntype", "ordertype", "saletype", "recordtype", "movementtype", "documenttype", "doctype",
      "invoicetype", "operation", "action", "art", "typ", "belegart", "vorgangsart", "buchungsart", "transaktionsart", "typetransaction",
      "typeoperation", "tipo", "tipotransaccion", "tipomovimiento", "tipooperazione", "soort", "rodzaj", "transaktionstyp", "status",
    ],
    .updatedAt: [
      "updatedat", "updated", "lastupdated", "lastupdate", "modifiedat", "modified", "lastmodified", "changedat", "changed", "updatetime",
      "geandertam", "geaendertam", "aenderungsdatum", "anderungsdatum", "datemodification", "modifiele", "fechamodificacion",
      "dataaggiornamento", "gewijzigdop",
    ],
    .line: [
      "line", "lineno", "linenumber", "lineid", "orderline", "orderlineid", "orderitemid", "itemnumber", "position", "pos", "posnr", "seq",
      "sequence", "rowno", "zeile", "zeilennr", "positionsnr", "belegposition", "ligne", "numeroligne", "linea", "numerolinea", "riga",
      "regel", "regelnummer", "pozycja", "rad", "radnr", "linje", "radek", "satir",
    ],
  ]

  /// Parts of a name with which it means another thing, such as the tax of an order.
  private static let otherThings: Set<String> = [
    "tax", "vat", "gst", "mwst", "ust", "steuer", "tva", "iva", "btw", "shipping", "freight", "delivery", "versand", "fracht", "porto",
    "livraison", "envio", "fee", "tip", "balance", "saldo", "birth", "geburt", "geburtsdatum", "due", "ship", "shipped", "expiry", "email",
    "mail", "phone", "telefon", "zip", "postcode", "plz", "pct", "percent", "percentage", "prozent", "rate", "list", "listprice", "msrp",
    "rrp", "uvp", "listenpreis", "unitcost", "ek", "einkaufspreis",
  ]

  /// Small words without accents: `InvoiceDate` is invoice, date; `Kunden-Nr.` is kunden, nr.
  static func words(_ name: String) -> [String] {
    let plain = name.replacing("ß", with: "ss").replacing("ø", with: "o").replacing("Ø", with: "O").replacing("ł", with: "l")
      .replacing("æ", with: "ae").folding(options: .diacriticInsensitive, locale: nil)
    var words = [""], before: Character = " "
    for character in plain {
      let isBreak = before.isLowercase && character.isUppercase
      if isBreak || !(character.isLetter || character.isNumber) { words.append("") }
      if character.isLetter || character.isNumber { words[words.count - 1] += character.lowercased() }
      before = character
    }
    return words.filter { !$0.isEmpty }
  }

  /// From 0, says nothing, to 100.
  static func score(_ name: String, _ field: TransactionField) -> Int {
    let words = words(name).suffix(8)
    guard let names = known[field], !words.isEmpty else { return 0 }
    let others = words.count { otherThings.contains($0) }
    if others > 0 && !names.contains(words.joined()) { return 0 }
    // Words in front may say whose it is: `order.customer.id`, `fact_amount`.
    for dropped in 0..<words.count {
      if field == .transactionID && words.count == 1 && ["id", "nr", "no", "number", "nummer", "key"].contains(words.joined()) {
        return 70
      }
      if let rank = rank(Array(words.dropFirst(dropped)), names) { return max(1, 100 - 12 * dropped - rank) }
    }
    return 0
  }

  /// How far down the list of names the words stand, 0…30; nil where they do not.
  private static func rank(_ words: [String], _ names: [String]) -> Int? {
    let joined = words.joined()
    if let rank = names.firstIndex(of: joined) { return min(20, rank / 2) }
    guard words.count > 1, let last = words.last,
      ["id", "no", "nr", "number", "num", "code", "key", "ref", "gbp", "eur", "usd"].contains(last)
    else { return nil }
    return names.firstIndex(of: words.dropLast().joined()).map { min(30, 10 + $0 / 2) }
  }
}
