export * from "@x/sse-core/queue";
