export * from "@x/sse-core/polling";
