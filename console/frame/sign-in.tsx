import { useWords } from '../language/language.ts';
import { Mark } from './mark.tsx';
import { LanguageSwitch } from './rail.tsx';
import { signInWords } from './sign-in-words.ts';
import { useTitle } from './title.ts';
import './sign-in.css';

/** Shown to who is not signed in: how to get the link that signs in. */
export function SignIn() {
  const words = useWords(signInWords);
  useTitle(words.title);
  return (
    <main className="sign-in">
      <p className="wordmark">
        <Mark /> Kept
      </p>
      <h1>{words.title}</h1>
      <p className="prose">{words.text}</p>
      <hr />
      <p>{words.how}</p>
      <pre className="quoted">kept link</pre>
      <p>{words.then}</p>
      <p className="faint">{words.used}</p>
      <h2>{words.title2}</h2>
      <p>{words.text2}</p>
      <LanguageSwitch />
    </main>
  );
}
