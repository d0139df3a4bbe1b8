// Which module may import which. `import type` counts: what a module can name, it can come to depend on.
const core = (path) => `^packages/core/src/${path}`;

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "core-imports-downward-store",
      comment: "The store knows nothing of connections and channels.",
      severity: "error",
      from: { path: core("store/") },
      to: { path: core(""), pathNot: core("(store/|environment\\.ts$)") },
    },
    {
      name: "core-ground-floor",
      comment: "environment, errors and defaults stand under everything.",
      severity: "error",
      from: { path: core("(environment|errors|defaults)\\.ts$") },
      to: { path: core("") },
    },
    {
      name: "core-pure-parts-do-no-io",
      comment: "machine, backoff and status decide; they cannot reach a clock, a network or a store.",
      severity: "error",
      from: { path: core("connection/(machine|backoff|status|close-reason)\\.ts$") },
      to: { path: core(""), pathNot: core("(connection/(machine|backoff|status|close-reason)|errors|defaults)\\.ts$") },
    },
    {
      name: "core-composed-in-one-place",
      comment: "Only what hands out clients may see the client.",
      severity: "error",
      from: {
        path: core(""),
        pathNot: core("(index|registry|client-finder|create-client|sse-client|native/.*)\\.ts$"),
      },
      to: { path: core("(create-client|sse-client|registry|client-finder|index)\\.ts$") },
    },
    {
      name: "core-extras-cost-nothing",
      comment: "What an application may import besides the client, the client never imports.",
      severity: "error",
      from: {
        path: core("(index|registry|create-client|sse-client|inbox|connection/.*)\\.ts$"),
        pathNot: core("index\\.ts$"),
      },
      to: {
        path: core("(native|polling|queue|testing|debug|channels/(dynamic|query|snapshot|iterate|reduce|hold))"),
        dependencyTypesNot: ["type-only"],
      },
    },
    {
      name: "core-has-no-runtime-dependency",
      severity: "error",
      from: { path: core("") },
      to: { pathNot: "^packages/core/src/" },
    },
    {
      name: "server-stands-alone",
      comment: "Server and core share PROTOCOL.md, not code; the main entry runs wherever there is fetch.",
      severity: "error",
      from: { path: "^packages/server/src/", pathNot: "^packages/server/src/testing/chaos-" },
      to: { pathNot: "^packages/server/src/" },
    },
    {
      name: "server-test-kit-has-the-sockets",
      comment: "Its proxy is of Node.js, and imported when it is made.",
      severity: "error",
      from: { path: "^packages/server/src/testing/chaos-" },
      to: { pathNot: "^(packages/server/src/|node:net$|net$)" },
    },
    {
      name: "server-test-kit-costs-nothing",
      comment: "Whoever imports the hub does not get the means of its tests.",
      severity: "error",
      from: { path: "^packages/server/src/", pathNot: "^packages/server/src/testing/" },
      to: { path: "^packages/server/src/testing/" },
    },
    {
      name: "adapters-use-the-public-core",
      severity: "error",
      from: { path: "^packages/(react|vue|svelte)/src/" },
      to: {
        path: "^packages/(core|server)/",
        pathNot:
          "^packages/core/(src|dist)/(index|native/index|polling/index|queue/queue|testing/index)\\.(d\\.)?(ts|js)$",
      },
    },
    {
      name: "adapters-know-their-own-framework",
      severity: "error",
      from: { path: "^packages/(react|vue|svelte)/" },
      to: {
        path: "(^packages|/node_modules)/(react|react-dom|vue|svelte)/",
        pathNot: "(^packages|/node_modules)/$1(-dom)?/",
      },
    },
    {
      name: "test-kit-imports-no-package",
      comment: "The subject of a test is an argument.",
      severity: "error",
      from: { path: "^packages/test-kit/" },
      to: { path: "^packages/(?!test-kit/)" },
    },
    {
      name: "packages-do-not-import-apps",
      severity: "error",
      from: { path: "^packages/" },
      to: { path: "^apps/" },
    },
    {
      name: "no-grab-bags",
      comment: "A type lives in the module that owns the idea.",
      severity: "error",
      from: {},
      to: { path: "^(packages|apps)/.*/(types|utils|helpers)\\.(tsx?|vue|svelte)$" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)(dist|test-results)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.base.json" },
    enhancedResolveOptions: { conditionNames: ["@x/source", "import", "node", "default"], exportsFields: ["exports"] },
  },
};
