import { failuresOf } from '../platform/failure.ts';
import { accessProblems } from './contract.ts';

const fail = failuresOf(accessProblems);

/** Passwords of twelve and more characters from published lists of the most used; compared without case and marks. */
const common = new Set(
  `123456789012 1234567890123 1234567890ab 012345678910 098765432109 111111111111 123123123123 123412341234 121212121212
  112233445566 123456123456 987654321098 1q2w3e4r5t6y 1qaz2wsx3edc 1qazxsw23edc q1w2e3r4t5y6 zaq12wsxcde3 qwertyuiop12
  qwertyuiop123 qwertyuiopas qwertyuiopasdfghjkl qwerty123456 qwerty1234567 qwertyqwerty asdfghjkl123 asdfghjklzxcvbnm
  zxcvbnm12345 password1234 password12345 password123456 passwordpassword password2024 password2025 password2026
  password1password passw0rd1234 letmein12345 letmeinletmein welcome12345 welcome123456 welcomewelcome iloveyou1234
  iloveyouiloveyou ilovejesuschrist administrator administrator1 administrador administrador1 adminadmin12
  admin1234567 admin123admin changeme1234 changemechangeme trustno1trustno1 unbelievable manchesterunited
  manchester123 liverpool123 liverpoolfc1 chelseafc123 barcelona123 football1234 footballfootball basketball12
  basketball123 baseball1234 superman1234 batmanbatman dragon123456 monkey123456 sunshine1234 princess1234
  starwars1234 pokemon12345 michael12345 jennifer1234 charlie12345 computer1234 internet1234 samsung12345
  correcthorsebatterystaple secret123456 supersecret1 testtesttest test12345678 abcdefghijkl abcdefghijklm
  abcdefghijklmnop abcd12345678 abc123abc123 abc123456789 a1b2c3d4e5f6 aaaaaaaaaaaa senha1234567 senha12345678
  senhasenhasenha minhasenha123 brasil123456 flamengo1234 corinthians1 corinthians123 saopaulofc12 deusefiel123
  deusfiel1234 jesuscristo1 jesuseteamo1 euteamo12345 teamoteamo12 teamoteamote contrasena123 contraseña12 contraseña123
  contrasena12 contrasena1234 mipassword12 teamomucho12 realmadrid12 realmadrid123 bocajuniors1 riverplate12
  estudiante12 bienvenido12 bienvenido123 bemvindo1234 internacional cruzeiro1234 palmeiras123 gremio123456
  qwertzuiop12 azertyuiop12 azertyuiop123 motdepasse12`
    .split(/\s+/)
    .map(bare),
);

/**
 * Refuses passwords that somebody would try first: the most used ones, repetitions, and what can be read off the
 * address or the organisation (NIST SP 800-63B-4, 3.1.1.2).
 * @param about e-mail address, names of organisations and of the person
 * @throws Failure `password-too-weak`
 */
export function refuseWeakPassword(password: string, about: readonly string[]): void {
  const letters = bare(password);
  if (common.has(letters)) throw fail('password-too-weak', 'Many people use this password; choose another.');
  if (new Set(letters).size < 5)
    throw fail('password-too-weak', 'This password repeats few characters; choose another.');
  const words = about.flatMap((text) => [text, text.split('@')[0] ?? '']).map(bare);
  if (words.some((word) => word.length >= 4 && letters.includes(word)))
    throw fail(
      'password-too-weak',
      'This password holds your address or the name of the organisation; choose another.',
    );
}

function bare(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '');
}
