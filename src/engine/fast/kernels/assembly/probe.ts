/** The most that the machine's 128-bit units can do: products and sums in registers, nothing else. For benchmarks. */

/** Twelve operations on four numbers each a round; returns what keeps a compiler from leaving them out. */
export function peak(rounds: i32): f32 {
  const one = f32x4.splat(0.999999), two = f32x4.splat(1e-7)
  let a = two, b = two, c = two, d = two, e = two, f = two
  let p = one, q = one, r = one, s = one, t = one, u = one
  for (let i = 0; i < rounds; i++) {
    a = f32x4.add(a, two); p = f32x4.mul(p, one); b = f32x4.add(b, two); q = f32x4.mul(q, one)
    c = f32x4.add(c, two); r = f32x4.mul(r, one); d = f32x4.add(d, two); s = f32x4.mul(s, one)
    e = f32x4.add(e, two); t = f32x4.mul(t, one); f = f32x4.add(f, two); u = f32x4.mul(u, one)
  }
  a = f32x4.add(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)), f32x4.add(e, f))
  p = f32x4.add(f32x4.add(f32x4.add(p, q), f32x4.add(r, s)), f32x4.add(t, u))
  return f32x4.extract_lane(f32x4.add(a, p), 0)
}
