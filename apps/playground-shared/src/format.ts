const integer = new Intl.NumberFormat("en");
const price = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const percent = new Intl.NumberFormat("en", {
  minimumFractionDigits: 2,
  maximumFractionDigits: 2,
  signDisplay: "exceptZero",
});
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

export const formatInteger = (value: number) => integer.format(value);
export const formatPrice = (value: number) => price.format(value);
// A true minus is as wide as the plus, so the column stays put.
export const formatPercent = (value: number) => `${percent.format(value).replace("-", "−")}%`;
export const formatTime = (ms: number) => clock.format(ms);
/** For `<time datetime>`. */
export const toDateTime = (ms: number) => new Date(ms).toISOString();
export const formatSeconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;

export function formatBytes(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(1)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** In its two largest units. */
export function formatDuration(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (minutes < 1) return `${seconds} s`;
  if (hours < 1) return `${minutes} min ${seconds % 60} s`;
  return hours < 24 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** In whole steps, so that it can be read while it grows. */
export function formatAge(ms: number): string {
  if (ms < 1_000) return "now";
  if (ms < 60_000) return `${Math.floor(ms / 1_000)} s ago`;
  return `${Math.floor(ms / 60_000)} min ago`;
}
