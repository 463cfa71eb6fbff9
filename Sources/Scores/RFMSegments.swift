/// The 11 segments over the 125 codes of recency, frequency and monetary value, each code in exactly one.
package struct RFMSegment: Sendable {
  package let name: String
  package let meaning: String
  /// Codes such as 543: recency, frequency, monetary.
  package let codes: [Int]
}

package let rfmSegments: [RFMSegment] = [
  RFMSegment(name: "Champions", meaning: "bought lately, buy often, spend most", codes: [555, 554, 544, 545, 454, 455, 445]),
  RFMSegment(name: "Loyal", meaning: "buy regularly and spend well", codes: [543, 444, 435, 355, 354, 345, 344, 335]),
  RFMSegment(
    name: "Potential Loyalist", meaning: "recent, with more than one purchase",
    codes: [553, 551, 552, 541, 542, 533, 532, 531, 452, 451, 442, 441, 431, 453, 433, 432, 423, 353, 352, 351, 342, 341, 333, 323]),
  RFMSegment(name: "New Customers", meaning: "bought lately, seldom so far", codes: [512, 511, 422, 421, 412, 411, 311]),
  RFMSegment(
    name: "Promising", meaning: "recent, seldom, but spent well",
    codes: [525, 524, 523, 522, 521, 515, 514, 513, 425, 424, 413, 414, 415, 315, 314, 313]),
  RFMSegment(name: "Need Attention", meaning: "above average, and not lately", codes: [535, 534, 443, 434, 343, 334, 325, 324]),
  RFMSegment(name: "About To Sleep", meaning: "below average and drifting off", codes: [331, 321, 312, 221, 213, 231, 241, 251]),
  RFMSegment(
    name: "At Risk", meaning: "spent well or bought often, long ago",
    codes: [255, 254, 245, 244, 253, 252, 243, 242, 235, 234, 225, 224, 153, 152, 145, 143, 142, 135, 134, 133, 125, 124]),
  RFMSegment(name: "Cannot Lose Them", meaning: "spent most, and not for long", codes: [155, 154, 144, 214, 215, 115, 114, 113]),
  RFMSegment(name: "Hibernating", meaning: "long ago, seldom, little", codes: [332, 322, 233, 232, 223, 222, 132, 123, 122, 212, 211]),
  RFMSegment(name: "Lost", meaning: "longest ago, and least", codes: [111, 112, 121, 131, 141, 151]),
]
