/** How near two vectors are: the cosine of their angle, from −1 to 1; 0 where one has no length. */
export function cosine(a: readonly number[], b: readonly number[]): number {
  let [dot, one, other] = [0, 0, 0];
  for (let i = 0; i < Math.min(a.length, b.length); i += 1) {
    dot += a[i] * b[i];
    one += a[i] * a[i];
    other += b[i] * b[i];
  }
  const length = Math.sqrt(one) * Math.sqrt(other);
  return length === 0 ? 0 : Math.max(-1, Math.min(1, dot / length));
}
