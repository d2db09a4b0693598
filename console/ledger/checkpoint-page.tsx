export function CheckpointPage() {
  return <p>later</p>;
}
