import { parseArgs } from "node:util";
import { benchmarks, isBenchmark } from "./benchmarks.ts";
import { isPassed, type Report, toLines } from "./report.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean", default: false }, profile: { type: "string" } },
});
const names = positionals.length > 0 ? positionals : Object.keys(benchmarks);
const unknown = names.find((name) => !isBenchmark(name));
if (unknown !== undefined) {
  console.error(`There is no benchmark "${unknown}"; there are ${Object.keys(benchmarks).join(", ")}.`);
  process.exit(1);
}

const reports: Record<string, Report> = {};
for (const name of names.filter(isBenchmark)) {
  const report = await benchmarks[name]({ nodeOptions: [], profileDir: values.profile });
  reports[name] = report;
  if (!values.json) console.log(toLines(report).join("\n"));
}
if (values.json) console.log(JSON.stringify({ node: process.version, reports }, undefined, 2));
const isMissed = Object.values(reports).some(({ checks }) => !checks.every(isPassed));
process.exitCode = isMissed ? 1 : 0;
