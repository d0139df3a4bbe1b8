/** The front ends, each in its own app and below a path of its own. */
export const frontEnds = ["react", "vue", "svelte"] as const;

/** One of {@link frontEnds}. */
export type FrontEnd = (typeof frontEnds)[number];
