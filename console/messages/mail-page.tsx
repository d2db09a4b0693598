import { useEffect, useRef } from 'react';

/** What a mail of ours is made of; everything else is left out, whatever it is. */
const elements: ReadonlySet<string> = new Set(
  'a caption div h1 h2 h3 li ol p table tbody td th thead tr ul br strong em span'.split(' '),
);
const looks = 'data-looks';
const attributes: ReadonlySet<string> = new Set(['lang', 'dir', 'scope', 'colspan', 'rowspan']);

/**
 * The page of a mail as its reader sees it. The console's policy allows no style that stands in markup, not even in a
 * page that is only parsed. So what a mail says about its looks is carried past the parser under another name and set
 * rule by rule, in a shadow of its own, and only on elements that mails of ours have. Links are shown and lead nowhere:
 * this is a picture of the mail.
 */
export function MailPage({ html, label }: { html: string; label: string }) {
  const place = useRef<HTMLElement>(null);
  useEffect(() => {
    const host = place.current;
    if (host === null) return;
    const shadow = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
    const { body, documentElement } = new DOMParser().parseFromString(
      html.replaceAll(' style="', ` ${looks}="`),
      'text/html',
    );
    const page = document.createElement('div');
    page.lang = documentElement.lang;
    page.style.cssText = body.getAttribute(looks) ?? '';
    copy(body, page);
    shadow.replaceChildren(page);
  }, [html]);
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
  return <section ref={place} className="mail-page" tabIndex={0} aria-label={label} />;
}

function copy(from: Node, into: HTMLElement): void {
  for (const node of from.childNodes) {
    if (node instanceof Text) into.append(node.data);
    if (!(node instanceof HTMLElement)) continue;
    // The console's own page has its main part already.
    const name = node.localName === 'main' ? 'div' : node.localName;
    if (!elements.has(name)) continue;
    const made = document.createElement(name);
    for (const attribute of node.attributes)
      if (attributes.has(attribute.name)) made.setAttribute(attribute.name, attribute.value);
    made.style.cssText = node.getAttribute(looks) ?? '';
    if (name === 'a') made.title = node.getAttribute('href') ?? '';
    copy(node, made);
    into.append(made);
  }
}
