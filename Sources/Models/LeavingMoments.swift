/// Means over the day y of leaving, given that someone has left without having bought, of a = ln((α+y)/(α+m)), b = ln((β+y)/(β+m)),
/// i = 1/(α+m) − 1/(α+y), j = 1/(β+m) − 1/(β+y) and their products; m is f, or 0 where they come from a table. i and j are 0 at m, so that
/// no digits are lost where β is great beside all days.
struct LeavingMoments {
  var a = Vector(), b = Vector(), i = Vector(), j = Vector()
  var aa = Vector(), ab = Vector(), ai = Vector(), aj = Vector(), bb = Vector()
  var bi = Vector(), bj = Vector(), ii = Vector(), ij = Vector(), jj = Vector()
  /// Each of the four at t.
  var aEnd = Vector(), bEnd = Vector(), iEnd = Vector(), jEnd = Vector()
  /// 1/(α+m) and 1/(β+m).
  var iBase = Vector(), jBase = Vector()
  /// ln of the odds of being dead.
  var logOdds = Vector()

  init() {}

  /// - Parameter R: r + x of all eight.
  init(_ integral: LeavingIntegral, shape R: Double, from f: Vector, to t: Vector) {
    let span = integral.span(shape: Vector(repeating: R), from: f, to: t), width = span.width
    let rule = LeavingIntegral.rule(LeavingIntegral.ruleIndex(width: width.max(), decay: span.decay.max()))
    var total = Vector()
    let fromNear = f + integral.near, fromFar = f + integral.far, s = integral.s
    let fromAlpha = f + integral.alpha, fromBeta = f + integral.beta
    (iBase, jBase) = (1 / fromAlpha, 1 / fromBeta)
    for node in rule.nodes {
      let w = width * node.x
      let grown = fromNear * exponentialMinusOne(w), other = logarithmOfOnePlus(grown / fromFar)
      let a = integral.isAlphaNear ? w : other, b = integral.isAlphaNear ? other : w
      let i = grown * iBase / (fromAlpha + grown), inverse = 1 / (fromBeta + grown), j = grown * jBase * inverse
      // dy/(β+y) = (m+y)/(β+y) dw
      let weight = node.y * exponential(-(a * R + b * s)) * (fromNear + grown) * inverse
      let wa = weight * a, wb = weight * b, wi = weight * i, wj = weight * j
      total += weight
      self.a += wa
      self.b += wb
      self.i += wi
      self.j += wj
      aa += wa * a
      ab += wa * b
      ai += wa * i
      aj += wa * j
      bb += wb * b
      bi += wb * i
      bj += wb * j
      ii += wi * i
      ij += wi * j
      jj += wj * j
    }
    let inverse = 1 / pointwiseMax(total, Vector(repeating: 1e-300))
    total = pointwiseMax(total * s * width, Vector(repeating: 1e-300))
    (a, b, i, j) = (a * inverse, b * inverse, i * inverse, j * inverse)
    (aa, ab, ai, aj, bb) = (aa * inverse, ab * inverse, ai * inverse, aj * inverse, bb * inverse)
    (bi, bj, ii, ij, jj) = (bi * inverse, bj * inverse, ii * inverse, ij * inverse, jj * inverse)
    logOdds = span.logGrowth + logarithm(total)
    aEnd = logarithmOfOnePlus((t - f) / fromAlpha)
    bEnd = logarithmOfOnePlus((t - f) / fromBeta)
    iEnd = (t - f) * iBase / (t + integral.alpha)
    jEnd = (t - f) * jBase / (t + integral.beta)
  }
}
