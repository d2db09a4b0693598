// Kept: shows a recipient the notices they have not seen. See docs/notices.md.
(() => {
  const script = document.currentScript;
  const { token, tokenFrom, language, target } = script.dataset;
  const api = `${new URL(script.src).origin}/v1/messages/in-product/`;
  const wanted = (language || document.documentElement.lang || navigator.language || '').toLowerCase();
  const known = ['pt-BR', 'en', 'es'].find((one) => one.slice(0, 2).toLowerCase() === wanted.slice(0, 2));
  const words = {
    'pt-BR': ['Avisos', 'Li este aviso', 'Passa a valer em', 'Ler na web'],
    en: ['Notices', 'I have read this', 'Takes effect on', 'Read on the web'],
    es: ['Avisos', 'He leído este aviso', 'Entra en vigor el', 'Leer en la web'],
  };
  const make = (tag, text, more) => Object.assign(document.createElement(tag), { textContent: text }, more);

  let bearer = token;
  // A token that has expired is asked for once more.
  async function call(path, body, again = tokenFrom) {
    bearer ||= (await (await fetch(tokenFrom)).json()).token;
    const answer = await fetch(api + path, {
      method: body ? 'POST' : 'GET',
      credentials: 'omit',
      headers: { authorization: `Bearer ${bearer}`, ...(body && { 'content-type': 'application/json' }) },
      body,
    });
    if (answer.status === 401 && again) {
      bearer = '';
      return call(path, body, '');
    }
    // What is gone needs no mark.
    if (!answer.ok && answer.status !== 404) throw new Error(`Kept answered ${answer.status}`);
    return answer;
  }

  function show(items) {
    const own = words[known || items[0].language];
    const host = make('section', '', { lang: known || items[0].language, id: 'kept-notices', tabIndex: -1 });
    host.setAttribute('aria-label', own[0]);
    for (const item of items) {
      const said = words[item.language];
      const article = make('article', '', { lang: item.language });
      article.append(make('h2', item.title));
      for (const part of item.body.split(/\r?\n/)) if (part.trim()) article.append(make('p', part.replace(/^# /, '')));
      if (item.effectiveOn) {
        const day = new Date(`${item.effectiveOn}T00:00Z`);
        const options = { dateStyle: 'long', timeZone: 'UTC' };
        article.append(make('p', `${said[2]} ${day.toLocaleDateString(item.language, options)}`));
      }
      for (const [label, href] of [
        [item.link?.label, item.link?.url],
        [said[3], item.page],
      ])
        if (href) article.append(make('a', label, { href, target: '_blank', rel: 'noopener' }), ' ');
      const button = make('button', said[1], { type: 'button' });
      button.setAttribute('aria-label', `${said[1]}: ${item.title}`);
      button.onclick = async () => {
        button.disabled = true;
        try {
          await call('seen', JSON.stringify({ notice: item.id }));
        } catch (error) {
          button.disabled = false;
          throw error;
        }
        article.remove();
        if (host.querySelector('article')) host.focus();
        else host.remove();
      };
      article.append(button);
      host.append(article);
    }
    const place = target && document.querySelector(target);
    if (place) place.append(host);
    else document.body.prepend(host);
  }

  async function start() {
    const { items } = await (await call(`notices${known ? `?language=${known}` : ''}`)).json();
    if (items.length) show(items);
  }
  if (document.readyState === 'loading') addEventListener('DOMContentLoaded', start);
  else start();
})();
