/** A whole number of milliseconds from a range, drawn so that those who were told the same do not come back together. */
export function drawMs([min, max]: readonly [min: number, max: number], random: () => number): number {
  return Math.round(min + (max - min) * random());
}
