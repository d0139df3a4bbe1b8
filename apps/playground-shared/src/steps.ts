/** Between two looks at what changes with every frame: faster, it could not be read. */
export const SAMPLE_MS = 250;

/** Between two steps of a time that counts down in tenths of seconds. */
export const COUNTDOWN_STEP_MS = 100;
