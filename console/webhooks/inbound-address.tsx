import { useWords } from '../language/language.ts';
import { Source } from '../look/source.tsx';
import { inboundWords } from './inbound-words.ts';

/** Where a sender sends to. Without a public address the server only knows how its path goes on. */
export function InboundAddress({ url }: { url: string }) {
  const words = useWords(inboundWords).one;
  return (
    <section className="inbound-address">
      <h2>{words.address}</h2>
      <Source text={url} label={words.address} wraps />
      {url.startsWith('/') ? <p className="faint">{words.addressHint}</p> : null}
    </section>
  );
}
