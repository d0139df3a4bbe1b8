import type { Quote } from "playground-server/channels";
import { formatPercent, formatPrice, formatTime, toDateTime } from "playground-shared/format";
import { moveTo, type PriceMove } from "playground-shared/price-move";
import { companyOf, directionOf } from "playground-shared/ticker";
import { memo, useState } from "react";
import { Icon } from "./icon.tsx";

interface TickerRowProps {
  readonly quote: Quote;
  /** It may have been traded since, unseen. */
  readonly isOld: boolean;
}

export const TickerRow = memo(function TickerRow({ quote, isOld }: TickerRowProps) {
  const { symbol, price, change, at } = quote;
  const move = useMove(price);
  const direction = directionOf(change);
  return (
    <tr data-testid={`ticker-row-${symbol}`} data-old={isOld}>
      <th scope="row">
        <span className="symbol">{symbol}</span>
        <span className="company"> {companyOf(symbol)}</span>
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
        <time dateTime={toDateTime(at)}>{formatTime(at)}</time>
      </td>
    </tr>
  );
});

/** Where the price went compared with the one shown before. */
function useMove(price: number): PriceMove {
  const [last, setLast] = useState(() => moveTo(price, undefined));
  const move = moveTo(price, last);
  if (move !== last) setLast(move);
  return move;
}
