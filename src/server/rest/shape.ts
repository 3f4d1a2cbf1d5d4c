import { type GraphQLField, type GraphQLObjectType, type GraphQLOutputType, getNamedType, isObjectType } from 'graphql'

/** Most nodes of a connection that REST shows. */
export const MAX_NODES = 1000

/**
 * Whether REST shows a field of an object. It shows values and leaves links out: an entity (a type with an `id`) never nests in an entity,
 * and a field with arguments (a connection) never nests at all. So what REST shows is a tree: no cycle, no unbounded list, and one JSON
 * Schema a type that holds wherever the type appears. A route names its exceptions in `include`.
 */
function isShown(parent: GraphQLObjectType, field: GraphQLField<unknown, unknown>): boolean {
	return field.extensions.rest !== false && field.args.length === 0 && !(isEntity(parent) && isEntity(getNamedType(field.type)))
}

export const shownFields = (type: GraphQLObjectType) => Object.values(type.getFields()).filter((field) => isShown(type, field))

/** A link that a route names in `include`. @throws Error when the type has no such field. */
export function linkOf(parent: GraphQLObjectType, name: string): GraphQLField<unknown, unknown> {
	const field = parent.getFields()[name]
	if (!field) throw new Error(`include: ${parent} has no field "${name}"`)
	return field
}

/** What a Relay connection lists; undefined when the type is no connection. */
export function nodeOf(type: GraphQLOutputType): GraphQLObjectType | undefined {
	const connection = getNamedType(type)
	if (!isObjectType(connection) || !connection.name.endsWith('Connection')) return undefined
	const edge = getNamedType(connection.getFields()['edges']?.type)
	const node = isObjectType(edge) ? getNamedType(edge.getFields()['node']?.type) : undefined
	return isObjectType(node) ? node : undefined
}

const isEntity = (type: unknown): boolean => isObjectType(type) && 'id' in type.getFields()
