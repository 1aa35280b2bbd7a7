/**
 * exp, log, tanh and sigmoid of four numbers at once, by the specification's algorithms. [ar-exp] [ar-log]
 *
 * All are written into their callers: where two neighbouring blocks of four end in neighbouring stores, a runtime that
 * joins them can do so, see wide.ts.
 */

// @ts-ignore: decorator
@inline export function number(bits: u32): v128 { return i32x4.splat(bits) }
// @ts-ignore: decorator
@inline export function select(mask: v128, yes: v128, no: v128): v128 { return v128.bitselect(yes, no, mask) }
// @ts-ignore: decorator
@inline function next(sum: v128, x: v128, bits: u32): v128 { return f32x4.add(f32x4.mul(sum, x), number(bits)) }
// @ts-ignore: decorator
@inline export function size(x: v128): v128 { return v128.and(x, i32x4.splat(0x7fffffff)) }
// @ts-ignore: decorator
@inline function powerOfTwo(n: v128): v128 { return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23) }

/** e^x. [ar-exp] */
// @ts-ignore: decorator
@inline export function exp(x: v128): v128 {
  const bounded = f32x4.min(f32x4.max(x, f32x4.splat(-104)), f32x4.splat(89))
  const toWhole = number(0x4b400000)
  const n = f32x4.sub(f32x4.add(f32x4.mul(bounded, number(0x3fb8aa3b)), toWhole), toWhole)
  const first = f32x4.sub(bounded, f32x4.mul(n, number(0x3f318000)))
  const second = f32x4.mul(n, number(0xb95e8083))
  const r = f32x4.sub(first, second)
  const high = f32x4.add(f32x4.splat(1), r)
  const lost = f32x4.sub(f32x4.sub(first, r), second)
  const low = f32x4.add(f32x4.sub(r, f32x4.sub(high, f32x4.splat(1))), lost)
  let v = number(0x39506967)
  v = next(v, r, 0x3ab743ce)
  v = next(v, r, 0x3c088908)
  v = next(v, r, 0x3d2aa9c1)
  v = next(v, r, 0x3e2aaaaa)
  v = next(v, r, 0x3f000000)
  const y = f32x4.add(high, f32x4.add(f32x4.mul(v, f32x4.mul(r, r)), low))
  const whole = i32x4.trunc_sat_f32x4_s(n), half = i32x4.shr_s(whole, 1)
  return f32x4.mul(f32x4.mul(y, powerOfTwo(half)), powerOfTwo(i32x4.sub(whole, half)))
}

/** The natural logarithm. [ar-log] */
// @ts-ignore: decorator
@inline export function log(x: v128): v128 {
  const subnormal = f32x4.lt(x, number(0x00800000))
  const scaled = select(subnormal, f32x4.mul(x, f32x4.splat(8388608)), x)
  const shifted = i32x4.sub(scaled, i32x4.splat(0x3f3504f3))
  const whole = i32x4.sub(i32x4.shr_s(shifted, 23), v128.and(subnormal, i32x4.splat(23)))
  const k = f32x4.convert_i32x4_s(whole)
  const m = i32x4.add(v128.and(shifted, i32x4.splat(0x7fffff)), i32x4.splat(0x3f3504f3))
  const f = f32x4.sub(m, f32x4.splat(1))
  const square = f32x4.mul(f, f)
  let h = number(0x3d9021bb)
  h = next(h, f, 0xbdebd1b8)
  h = next(h, f, 0x3def251a)
  h = next(h, f, 0xbdfe5d4f)
  h = next(h, f, 0x3e11e9bf)
  h = next(h, f, 0xbe2aae50)
  h = next(h, f, 0x3e4cceac)
  h = next(h, f, 0xbe7ffffc)
  h = next(h, f, 0x3eaaaaaa)
  const low = f32x4.add(f32x4.mul(f32x4.mul(h, f), square), f32x4.mul(k, number(0xb95e8083)))
  const l = f32x4.add(
    f32x4.add(f, f32x4.sub(low, f32x4.mul(f32x4.splat(0.5), square))),
    f32x4.mul(k, number(0x3f318000)),
  )
  const zero = f32x4.eq(x, f32x4.splat(0)), endless = f32x4.eq(x, number(0x7f800000))
  const wrong = v128.not(f32x4.ge(x, f32x4.splat(0)))
  return select(zero, number(0xff800000), select(endless, x, select(wrong, number(0x7fc00000), l)))
}

/** The hyperbolic tangent. [ar-tanh] */
// @ts-ignore: decorator
@inline export function tanh(x: v128): v128 {
  const a = size(x), square = f32x4.mul(a, a)
  let h = number(0xbbbaf0ea)
  h = next(h, square, 0x3ca9134e)
  h = next(h, square, 0xbd5c1e2d)
  h = next(h, square, 0x3e088393)
  h = next(h, square, 0xbeaaaa99)
  const near = f32x4.add(f32x4.mul(f32x4.mul(h, square), a), a)
  const power = exp(f32x4.mul(f32x4.splat(2), a))
  const far = f32x4.sub(f32x4.splat(1), f32x4.div(f32x4.splat(2), f32x4.add(power, f32x4.splat(1))))
  const result = select(f32x4.lt(a, f32x4.splat(0.625)), near, far)
  return v128.or(result, v128.and(x, i32x4.splat(0x80000000)))
}

/** 1 / (1 + e^-x). [ar-sigmoid] */
// @ts-ignore: decorator
@inline export function sigmoid(x: v128): v128 {
  const e = exp(f32x4.neg(size(x)))
  const negative = f32x4.lt(x, f32x4.splat(0))
  const quotient = f32x4.div(select(negative, e, f32x4.splat(1)), f32x4.add(f32x4.splat(1), e))
  return select(negative, f32x4.sub(e, f32x4.mul(e, quotient)), quotient)
}
