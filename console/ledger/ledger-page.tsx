export function LedgerPage() {
  return <p>later</p>;
}
