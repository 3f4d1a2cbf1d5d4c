export function* batches<Item>(items: Iterable<Item>, size: number): Generator<Item[]> {
	let batch: Item[] = []
	for (const item of items) {
		if (batch.push(item) < size) continue
		yield batch
		batch = []
	}
	if (batch.length > 0) yield batch
}
