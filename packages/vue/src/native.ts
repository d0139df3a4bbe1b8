export * from "@x/sse-core/native";
