import { type DocumentNode, type FragmentDefinitionNode, Kind, type OperationDefinitionNode, type SelectionSetNode } from 'graphql'

/** The root fields that a document asks for, by the key in the answer. */
export type RootFields = ReadonlyMap<string, string>

const known = new WeakMap<DocumentNode, Map<string, RootFields>>()

/** Of the named operation, or of the only one. A document is looked at once: the same text is the same document again. */
export function rootFields(document: DocumentNode, operationName: string | null | undefined): RootFields {
	const operations = known.get(document) ?? new Map<string, RootFields>()
	known.set(document, operations)
	const name = operationName ?? ''
	const fields = operations.get(name) ?? collect(document, name)
	operations.set(name, fields)
	return fields
}

function collect({ definitions }: DocumentNode, operationName: string): RootFields {
	const operations = definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION)
	const fragments = new Map(
		definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION).map((fragment) => [fragment.name.value, fragment]),
	)
	const asked: OperationDefinitionNode | undefined = operationName
		? operations.find(({ name }) => name?.value === operationName)
		: operations[0]
	const fields = new Map<string, string>()
	if (asked) gather(asked.selectionSet, fragments, fields)
	return fields
}

/** A fragment is followed once. */
function gather(set: SelectionSetNode, fragments: Map<string, FragmentDefinitionNode>, fields: Map<string, string>): void {
	for (const selection of set.selections) {
		if (selection.kind === Kind.FIELD) fields.set((selection.alias ?? selection.name).value, selection.name.value)
		else if (selection.kind === Kind.INLINE_FRAGMENT) gather(selection.selectionSet, fragments, fields)
		else {
			const fragment = fragments.get(selection.name.value)
			fragments.delete(selection.name.value)
			if (fragment) gather(fragment.selectionSet, fragments, fields)
		}
	}
}
