export function EntryPage() {
  return <p>later</p>;
}
