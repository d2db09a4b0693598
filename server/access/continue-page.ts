import type { Language } from './contract.ts';

/**
 * The page that posts an identity provider's answer once more, from Kept's own site. Browsers keep the cookie of the
 * dialogue to themselves when another site posts (`SameSite=Lax`), which is what protects it; from here they send it.
 * Whoever has no scripts presses the button.
 */
export function continuePage(language: Language, samlResponse: string): string {
  const { title, button } = words[language];
  return `<!doctype html>
<html lang="${language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<h1>${title}</h1>
<form method="post">
<input type="hidden" name="SAMLResponse" value="${samlResponse}">
<input type="hidden" name="again" value="1">
<button>${button}</button>
</form>
<script src="/sign-in/providers/continue.js"></script>
</html>
`;
}

export const continueScript = "document.querySelector('form').submit();\n";

const words = {
  en: { title: 'Signing in …', button: 'Continue' },
  'pt-BR': { title: 'Entrando …', button: 'Continuar' },
  es: { title: 'Iniciando sesión …', button: 'Continuar' },
};

/** Base64 and nothing else, so that it can stand in a page. */
export function isBase64(text: string): boolean {
  return /^[A-Za-z0-9+/\s]+=*\s*$/.test(text);
}
