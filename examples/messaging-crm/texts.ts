import type { Random } from './random.ts';

/** Made-up people, firms and messages. Nobody here exists; addresses are at reserved domains, numbers reach nobody. */

/** Words of a list separated by commas, over any number of lines. */
const words = (text: string): readonly string[] => text.split(',').map((word) => word.trim());

const firstNames = words(`
  Adriana, Alice, Amanda, Ana, André, Antônia, Beatriz, Bruno, Caio, Camila, Carla, Cauã, Cecília, Clara, Cláudio,
  Daniela, Davi, Débora, Diego, Eduarda, Elias, Emanuel, Estela, Fábio, Fernanda, Flávia, Gabriel, Giovana,
  Gustavo, Heitor, Helena, Henrique, Iara, Igor, Isabela, Ítalo, Jandira, João, Joana, Júlia, Jussara, Karina,
  Laís, Larissa, Leandro, Lívia, Lorena, Lucas, Luísa, Maíra, Manuela, Marcelo, Mariana, Mateus, Milena, Murilo,
  Nádia, Nara, Otávio, Patrícia, Paulo, Pedro, Priscila, Rafael, Raquel, Renata, Rita, Rodrigo, Rosana, Samuel,
  Sílvia, Sofia, Tainá, Tales, Tereza, Tiago, Valéria, Vera, Vinícius, Yara
`);
const lastNames = words(`
  Almeida, Amorim, Araújo, Azevedo, Barbosa, Barros, Batista, Brandão, Campos, Cardoso, Carvalho, Castro,
  Cavalcante, Coelho, Correia, Costa, Cunha, Dantas, Duarte, Esteves, Farias, Fernandes, Ferreira, Figueiredo,
  Fonseca, Freitas, Furtado, Gomes, Gonçalves, Guimarães, Lacerda, Leite, Lima, Lopes, Macedo, Machado, Magalhães,
  Marques, Martins, Medeiros, Mello, Mendes, Menezes, Monteiro, Moraes, Moreira, Moura, Nascimento, Neves,
  Nogueira, Nunes, Pacheco, Peixoto, Pereira, Pinheiro, Pinto, Pires, Queiroz, Ramos, Rangel, Reis, Rezende,
  Ribeiro, Rocha, Sales, Sampaio, Santana, Serra, Siqueira, Soares, Tavares, Teixeira, Toledo, Torres, Vargas,
  Vasconcelos, Viana, Vieira, Xavier
`);
const cities = words(`
  Aracaju, Belém, Belo Horizonte, Blumenau, Campinas, Caruaru, Cuiabá, Curitiba, Feira de Santana, Florianópolis,
  Fortaleza, Goiânia, João Pessoa, Joinville, Londrina, Maceió, Manaus, Natal, Niterói, Pelotas, Porto Alegre,
  Recife, Ribeirão Preto, Salvador, Santos, São Luís, São Paulo, Sorocaba, Teresina, Uberlândia, Vitória
`);
const trades = words(`
  Ateliê, Bazar, Casa, Distribuidora, Empório, Galpão, Loja, Malharia, Mercearia, Oficina, Papelaria, Selaria
`);
const firmNames = words(`
  Aroeira, Araçá, Beira-Rio, Boa Maré, Buriti, Caatinga, Cajueiro, Candeia, Capim-Limão, Cedro Azul, Corda Bamba,
  Dois Irmãos, Flor de Sal, Girassol, Ipê-Roxo, Jangada, Jatobá, Lampião, Lua Nova, Mandacaru, Mar Aberto,
  Maresia, Moinho, Monjolo, Pau-Brasil, Pedra Branca, Pé de Vento, Pitanga, Ponta Verde, Quatro Estações,
  Rede e Varanda, Sabiá, Serra Clara, Sete Quedas, Tapera, Terra Roxa, Trilho, Umbuzeiro, Vila Amarela, Xaxim
`);
const goods = words(`
  a rede de casal, a panela de barro, o jogo de toalhas, a cafeteira, o tênis 38, a mochila azul,
  o vestido estampado, o fone sem fio, a luminária, o kit de ferramentas, a cadeira dobrável, o tapete,
  a chaleira elétrica, o violão, a camiseta tamanho M, o ventilador, a bicicleta infantil, o caderno
`);
const questions: readonly string[] = [
  'Oi! {goods} ainda tem em estoque?',
  'Bom dia, comprei {goods} na {day} e o rastreio não mudou desde ontem.',
  'Boa tarde, {goods} veio com a embalagem amassada. Como faço para trocar?',
  'Qual é o prazo de entrega para {city}?',
  'Consigo retirar {goods} na loja no sábado?',
  'Vocês emitem nota no CNPJ? É para a minha empresa.',
  'O pedido {order} aparece como entregue, mas não recebi nada.',
  'Paguei por PIX e o pedido {order} continua aguardando pagamento.',
  'Dá para parcelar {goods} em quantas vezes?',
  'Recebi a cor errada, pedi {goods} em outra cor.',
  'Podem mudar o endereço do pedido {order}? Mudei de {city} na semana passada.',
  'Queria cancelar o pedido {order}, por favor.',
  'Chegou tudo certo, obrigada pela rapidez.',
  'Tem desconto levando duas unidades?',
  'O manual veio só em inglês, vocês têm em português?',
  'Meu nome é {name}, falei com vocês na {day} sobre {goods}.',
  'Ok, fico no aguardo.',
  'Perfeito, muito obrigado!',
  'Pode ser amanhã de manhã?',
  'Segue a foto do produto como chegou.',
];
const replies: readonly string[] = [
  'Olá, {name}! Tudo bem? Já vou verificar para você.',
  'Temos sim! {goods} sai hoje se o pagamento cair até as 14h.',
  'Peço desculpas pelo transtorno. Já abri a troca do pedido {order}.',
  'O prazo para {city} é de 4 a 6 dias úteis.',
  'A transportadora informou uma nova tentativa de entrega na {day}.',
  'O pagamento do pedido {order} foi confirmado agora há pouco.',
  'Pode retirar na loja de segunda a sábado, das 9h às 17h.',
  'A nota segue por e-mail assim que o pedido for faturado.',
  'Alterei o endereço do pedido {order}. Pode conferir, por favor?',
  'O cancelamento foi feito; o estorno aparece em até duas faturas.',
  'Parcelamos em até 6 vezes sem juros.',
  'Fico feliz que tenha dado certo! Qualquer coisa é só chamar.',
  'Para a troca, envie uma foto da etiqueta e do produto.',
  'Separei {goods} para você até {day}.',
  'Poderia me confirmar o número do pedido?',
  'Com duas unidades o frete sai por nossa conta.',
];
const days: readonly string[] = ['segunda', 'terça', 'quarta', 'quinta', 'sexta'];

export const personName = (random: Random) => `${random.pick(firstNames)} ${random.pick(lastNames)}`;
export const cityName = (random: Random) => random.pick(cities);

/** A different firm for each number below 480. */
export function firmName(number: number): string {
  const trade = trades[(number * 5 + Math.floor(number / firmNames.length)) % trades.length] ?? '';
  return `${trade} ${firmNames[number % firmNames.length] ?? ''}`;
}

/** Letters without accents, for addresses: `Flor de Sal` → `flor-de-sal`. */
export function plain(text: string): string {
  return text
    .normalize('NFD')
    .replaceAll(/\p{Diacritic}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-');
}

/** The area code 00 is not assigned, so no such number rings anywhere. */
export function phoneNumber(random: Random): string {
  return `+55 00 9${random.between(1000, 9999)}-${random.between(1000, 9999)}`;
}

/** Shaped like a CPF with check digits that are always wrong. */
export function personTaxId(random: Random): string {
  const digits = Array.from({ length: 9 }, () => random.between(0, 9));
  const first = checkDigit(digits, [10, 9, 8, 7, 6, 5, 4, 3, 2]);
  const text = [...digits, (first + 1) % 10, random.between(0, 9)].join('');
  return `${text.slice(0, 3)}.${text.slice(3, 6)}.${text.slice(6, 9)}-${text.slice(9)}`;
}

/** Shaped like a CNPJ with check digits that are always wrong. */
export function firmTaxId(random: Random): string {
  const digits = [...Array.from({ length: 8 }, () => random.between(0, 9)), 0, 0, 0, 1];
  const first = checkDigit(digits, [5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]);
  const text = [...digits, (first + 1) % 10, random.between(0, 9)].join('');
  return `${text.slice(0, 2)}.${text.slice(2, 5)}.${text.slice(5, 8)}/${text.slice(8, 12)}-${text.slice(12)}`;
}

function checkDigit(digits: readonly number[], weights: readonly number[]): number {
  const sum = digits.reduce((total, digit, place) => total + digit * (weights[place] ?? 0), 0);
  return sum % 11 < 2 ? 0 : 11 - (sum % 11);
}

/** An address of one of the networks reserved for documentation (RFC 5737, RFC 3849). */
export function ipAddress(random: Random): string {
  if (random.chance(0.25))
    return `2001:db8:${random.between(1, 0xffff).toString(16)}::${random.between(1, 0xffff).toString(16)}`;
  return `${random.pick(['192.0.2', '198.51.100', '203.0.113'])}.${random.between(1, 254)}`;
}

/** Cut to its network, as the metrics tag does it: /24 and /48. */
export function anonymisedIp(random: Random): string {
  if (random.chance(0.25)) return `2001:db8:${random.between(1, 0xffff).toString(16)}::`;
  return `${random.pick(['192.0.2', '198.51.100', '203.0.113'])}.0`;
}

/** One line of a conversation. */
export function messageBody(random: Random, direction: 'in' | 'out', contact: string): string {
  const text = random.pick(direction === 'in' ? questions : replies);
  if (!text.includes('{')) return text;
  const filled = text.replaceAll(/\{(\w+)\}/g, (_, slot: string) => {
    if (slot === 'name') return contact.split(' ')[0] ?? contact;
    if (slot === 'city') return random.pick(cities);
    if (slot === 'order') return `#${random.between(100_000, 999_999)}`;
    return random.pick(slot === 'day' ? days : goods);
  });
  return filled.charAt(0).toUpperCase() + filled.slice(1);
}
