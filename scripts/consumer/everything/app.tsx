import { createSSEClient, defineChannels, SSEProvider, type, useChannel, useSSE } from "@x/sse-react";
import { createHub } from "@x/sse-server";

const channels = defineChannels({ quotes: type<{ symbol: string; price: number }>() });
const client = createSSEClient({ url: "/api/sse", channels });

export function App() {
  const { status } = useSSE(client);
  const { data } = useChannel(client, "quotes", (quote) => quote.price);
  return (
    <SSEProvider client={client}>
      {status} {data?.toFixed(2)}
    </SSEProvider>
  );
}

// @ts-expect-error a misspelt channel
client.channel("quote");
// @ts-expect-error not a number
createHub({ heartbeatMs: "often" });
