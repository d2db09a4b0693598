import { createHash } from 'node:crypto';
import type { Language } from '../access/contract.ts';
import { contentSecurityPolicy } from '../platform/http.ts';
import { escapeHtml } from './compose-mail.ts';

/** What the page shows. `asked`: nothing was changed yet. */
export type OptOutState = 'asked' | 'opted-out' | 'not-valid';

interface Words {
  readonly language: string;
  readonly asked: { title(organisation: string): string; readonly text: string; readonly button: string };
  readonly out: { title(organisation: string): string; readonly text: string; readonly button: string };
  readonly invalid: { readonly title: string; readonly text: string };
}

const words: Readonly<Record<Language, Words>> = {
  en: {
    language: 'English',
    asked: {
      title: (organisation) => `Announcements of ${organisation}`,
      text: 'Do you want no more of them? What a contract or the law owes you, such as a confirmation, you still get.',
      button: 'No more announcements',
    },
    out: {
      title: (organisation) => `You get no announcements of ${organisation}`,
      text: 'This holds at once and until you change it here. Nobody needs to know why.',
      button: 'I want announcements after all',
    },
    invalid: {
      title: 'This link is not valid',
      text: 'It may have been cut off on its way. Copy it whole from the message, or answer the message.',
    },
  },
  'pt-BR': {
    language: 'Português',
    asked: {
      title: (organisation) => `Anúncios de ${organisation}`,
      text: 'Não quer mais recebê-los? O que um contrato ou a lei lhe devem, como uma confirmação, você continua a receber.',
      button: 'Não receber mais anúncios',
    },
    out: {
      title: (organisation) => `Você não recebe anúncios de ${organisation}`,
      text: 'Isto vale de imediato e até que você mude aqui. Ninguém precisa saber o motivo.',
      button: 'Quero receber anúncios afinal',
    },
    invalid: {
      title: 'Este link não é válido',
      text: 'Ele pode ter sido cortado no caminho. Copie-o inteiro da mensagem ou responda à mensagem.',
    },
  },
  es: {
    language: 'Español',
    asked: {
      title: (organisation) => `Anuncios de ${organisation}`,
      text: '¿No quiere recibir más? Lo que un contrato o la ley le deben, como una confirmación, lo seguirá recibiendo.',
      button: 'No recibir más anuncios',
    },
    out: {
      title: (organisation) => `Usted no recibe anuncios de ${organisation}`,
      text: 'Vale de inmediato y hasta que lo cambie aquí. Nadie necesita saber por qué.',
      button: 'Quiero recibir anuncios después de todo',
    },
    invalid: {
      title: 'Este enlace no es válido',
      text: 'Puede haberse cortado en el camino. Cópielo entero del mensaje o responda al mensaje.',
    },
  },
};

const STYLE = `
body { margin: 0; padding: 2rem 1rem; background: #fff; color: #1b1f24; font: 1.125rem/1.5 Georgia, serif; }
main, nav { max-width: 36rem; margin: 0 auto 2rem; }
h1 { font-size: 1.5rem; line-height: 1.25; }
button { font: inherit; padding: .6rem 1rem; min-height: 2.75rem; border: 1px solid #1b1f24; border-radius: 4px; background: #1b1f24; color: #fff; cursor: pointer; }
button:focus-visible, a:focus-visible { outline: 3px solid #1a5fb4; outline-offset: 2px; }
nav a { color: #1a4f8f; display: inline-block; padding: .4rem .75rem .4rem 0; }
`;

/** The page carries its one style sheet itself, so that nothing is loaded; the policy names it by its hash. */
export const optOutPagePolicy = contentSecurityPolicy.replace(
  "style-src 'self'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
);

/** The page behind the link of an announcement. It works without JavaScript, and looking at it changes nothing. */
export function optOutPage(page: {
  readonly language: Language;
  readonly organisation: string;
  readonly state: OptOutState;
  /** The page's own address, which the button posts to. */
  readonly path: string;
}): string {
  const { language, state, path } = page;
  const { title, text, button } = contentOf(page);
  const form =
    button === null
      ? ''
      : `<form method="post" action="${escapeHtml(`${path}?language=${language}`)}">
<input type="hidden" name="act" value="${state === 'asked' ? 'opt-out' : 'opt-in'}">
<button type="submit">${escapeHtml(button)}</button>
</form>`;
  const others = languages
    .filter((other) => other !== language)
    .map(
      (other) =>
        `<a lang="${other}" hreflang="${other}" href="${escapeHtml(`${path}?language=${other}`)}">${words[other].language}</a>`,
    );
  return `<!doctype html>
<html lang="${language}" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(text)}</p>
${form}
</main>
<nav aria-label="${{ en: 'Languages', 'pt-BR': 'Idiomas', es: 'Idiomas' }[language]}">${others.join(' ')}</nav>
</body>
</html>
`;
}

const languages: readonly Language[] = ['pt-BR', 'en', 'es'];

function contentOf(page: { readonly language: Language; readonly organisation: string; readonly state: OptOutState }): {
  readonly title: string;
  readonly text: string;
  readonly button: string | null;
} {
  const { asked, out, invalid } = words[page.language];
  switch (page.state) {
    case 'asked':
      return { ...asked, title: asked.title(page.organisation) };
    case 'opted-out':
      return { ...out, title: out.title(page.organisation) };
    case 'not-valid':
      return { ...invalid, button: null };
  }
}
