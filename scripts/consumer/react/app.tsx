import { createSSEClient, defineChannels, SSEProvider, type, useChannel, useSSE, useSSEClient } from "@x/sse-react";

type Channels = {
  quotes: { symbol: string; price: number };
};
const channels = defineChannels({ quotes: type<Channels["quotes"]>() });
const client = createSSEClient({ url: "/api/sse", channels });

function Quote() {
  const { data, loading } = useChannel(useSSEClient<Channels>(), "quotes", ({ price }) => price);
  return <p>{loading ? "waiting" : data?.toFixed(2)}</p>;
}

export function App() {
  const { status } = useSSE("/api/sse", { channels });
  return (
    <SSEProvider client={client}>
      <p>{status}</p>
      <Quote />
    </SSEProvider>
  );
}

// @ts-expect-error a provider needs a client
export const withoutClient = () => <SSEProvider />;

export function Misspelt() {
  // @ts-expect-error a misspelt channel
  return useChannel(client, "quote").data;
}
