import type { Quote } from "playground-server/channels";
import { formatPercent, formatPrice, formatTime } from "playground-shared/format";
import { memo, useState } from "react";
import { Icon } from "./icon.tsx";

interface TickerRowProps {
  readonly quote: Quote;
  readonly company: string;
  /** It may have been traded since, unseen. */
  readonly isOld: boolean;
}

export const TickerRow = memo(function TickerRow({ quote, company, isOld }: TickerRowProps) {
  const { symbol, price, change, at } = quote;
  const move = useMove(quote);
  const direction = change === 0 ? "flat" : change > 0 ? "up" : "down";
  return (
    <tr data-testid={`ticker-row-${symbol}`} data-old={isOld}>
      <th scope="row">
        <span className="symbol">{symbol}</span>
        <span className="company"> {company}</span>
        {isOld && <span className="visually-hidden"> may be old</span>}
      </th>
      <td className="number" data-testid={`price-${symbol}`}>
        {/* A new key starts the animation anew. */}
        <span key={move.count} className="price" data-move={move.direction}>
          {formatPrice(price)}
        </span>
      </td>
      <td className="number change" data-direction={direction}>
        {direction !== "flat" && <Icon name={direction} />}
        {formatPercent(change)}
      </td>
      <td className="number updated">
        <time dateTime={new Date(at).toISOString()}>{formatTime(at)}</time>
      </td>
    </tr>
  );
});

interface Move {
  readonly price: number;
  readonly direction: "up" | "down" | undefined;
  readonly count: number;
}

/** Where the price went compared with the one shown before. */
function useMove({ price }: Quote): Move {
  const [move, setMove] = useState<Move>({ price, direction: undefined, count: 0 });
  if (move.price === price) return move;
  const next: Move = { price, direction: price > move.price ? "up" : "down", count: move.count + 1 };
  setMove(next);
  return next;
}
