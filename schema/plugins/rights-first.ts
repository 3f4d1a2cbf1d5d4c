import SchemaBuilder, { BasePlugin, type PothosOutputFieldConfig, reduceMaybeAsync, type SchemaTypes } from '@pothos/core'
import type { GraphQLFieldResolver } from 'graphql'

type Field<Types extends SchemaTypes> = PothosOutputFieldConfig<Types>
type Resolver<Types extends SchemaTypes> = GraphQLFieldResolver<unknown, Types['Context'], object>

/**
 * A Pothos plugin: the arguments of a root field are read and validated when limits and scopes have let the call in, so who may not call
 * learns nothing of rules. (Pothos itself reads arguments before any plugin.) It stands behind those plugins and before whoever maps arguments. Of a
 * subscription they are read where it begins; the resolver of its events gets them as they were sent.
 */
class RightsFirstPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
	readonly #mappers = new Map<string, Field<Types>['argMappers']>()

	override onOutputFieldConfig(field: Field<Types>): Field<Types> {
		if (!isRoot(field) || field.argMappers.length === 0) return field
		this.#mappers.set(`${field.kind}.${field.name}`, field.argMappers)
		return { ...field, argMappers: [] }
	}

	override wrapResolve(resolve: Resolver<Types>, field: Field<Types>): Resolver<Types> {
		return field.kind === 'Subscription' ? resolve : this.#reading(resolve, field)
	}

	override wrapSubscribe(subscribe: Resolver<Types> | undefined, field: Field<Types>): Resolver<Types> | undefined {
		return subscribe && this.#reading(subscribe, field)
	}

	#reading(resolve: Resolver<Types>, { kind, name }: Field<Types>): Resolver<Types> {
		const mappers = this.#mappers.get(`${kind}.${name}`)
		if (!mappers) return resolve
		return async (root, args, context, info) => {
			const read = await reduceMaybeAsync(mappers, args as Record<string, unknown>, (value, map) => map(value, context, info))
			return resolve(root, read, context, info)
		}
	}
}

const isRoot = ({ kind }: { kind: string }): boolean => kind === 'Query' || kind === 'Mutation' || kind === 'Subscription'

SchemaBuilder.registerPlugin('rightsFirst', RightsFirstPlugin)

declare global {
	export namespace PothosSchemaTypes {
		interface Plugins<Types extends SchemaTypes> {
			rightsFirst: RightsFirstPlugin<Types>
		}
	}
}
