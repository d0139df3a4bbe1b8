export * from "@x/sse-core/testing";
