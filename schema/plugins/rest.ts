import SchemaBuilder, {
	BasePlugin,
	type FieldNullability,
	type InputFieldMap,
	type PothosInputFieldConfig,
	type PothosOutputFieldConfig,
	type SchemaTypes,
	type TypeParam,
} from '@pothos/core'
import type { ZodType } from 'zod'
import type { ErrorCode } from '../../src/errors.ts'

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
/** As in `2026-11-23`, in UTC. */
type Day = `${number}-${number}-${number}`

/** Where and how REST shows a root field. Nothing else describes a route. */
interface RestOption {
	/** What the OpenAPI document calls it; the field's name unless it has several routes. */
	readonly name?: string
	/** What it does; the field's description unless it has several routes. */
	readonly description?: string
	readonly method: Method
	/** Below the base path; `:name` fills the argument of that name. */
	readonly path: `/${string}`
	/** Status of success, 200 unless said otherwise. */
	readonly status?: 200 | 201 | 202
	/** Wraps the result: `{ [key]: result }`. */
	readonly key?: string
	/** Links of the result that REST shows here although it leaves links out elsewhere. A connection is shown as the list of its nodes. */
	readonly include?: readonly string[]
	/** Failures beside those that its method and its arguments tell of: for the OpenAPI document. */
	readonly errors?: readonly ErrorCode[]
	/**
	 * How the argument `input` arrives, and how the result leaves. `multipart`: a form, whose file reaches the resolver as an unread `Upload`. `sse`: what
	 * a subscription tells, as server-sent events. `bytes`: those of a `Download`.
	 */
	readonly kind?: 'json' | 'multipart' | 'sse' | 'bytes'
	/** Of `sse`, where what is told can be told again: the field of events that numbers them, and the argument that says behind which one to begin. */
	readonly replay?: { readonly id: string; readonly after: string }
	/**
	 * Path of what was made, sent as `Location`. `:slug` is the path parameter of that name, `:workspace.slug` a value of the answer's data:
	 * `/workspaces/:slug/documents/:document.id`.
	 */
	readonly location?: `/${string}`
	/** Of a field with a `deprecationReason`: since when it is deprecated, how long it is served, and what to call instead. */
	readonly deprecated?: {
		readonly since: Day
		readonly sunset?: Day
		/** A path below the base, out of parameters of this one. */
		readonly successor?: `/${string}`
	}
}

/** What a field of the built schema carries: the option, and who may call. */
export interface RestExtension extends RestOption {
	/** Whether the field's scopes are `{ public: true }`, that is need no token. */
	readonly isPublic: boolean
	/** Whether they are `{ admin: true }`. */
	readonly isForAdmins?: boolean
}

interface Scopes {
	readonly public?: boolean
	readonly admin?: boolean
}

/** Of a nested field: false hides it from REST, `ifAny` where it is null. */
type NestedOption = false | 'ifAny'

/** The Pothos plugin behind `rest:`. On a root field it makes a route; on a nested one it hides. */
class RestPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
	override onOutputFieldConfig(field: PothosOutputFieldConfig<Types>): PothosOutputFieldConfig<Types> {
		const { rest, authScopes = {} } = field.pothosOptions as {
			rest?: RestOption | readonly RestOption[] | NestedOption
			authScopes?: Scopes
		}
		if (rest === undefined) return field
		if (rest === 'ifAny') return { ...field, extensions: { ...field.extensions, restIfAny: true } }
		const callers = { isPublic: authScopes.public === true, isForAdmins: authScopes.admin === true }
		const routes = rest && [rest].flat().map((route) => ({ ...route, ...callers }))
		return { ...field, extensions: { ...field.extensions, rest: routes } }
	}

	/** What `validate:` says is documented too. */
	override onInputFieldConfig(field: PothosInputFieldConfig<Types>): PothosInputFieldConfig<Types> {
		const { validate } = field.pothosOptions as object as { validate?: ZodType }
		return validate ? { ...field, extensions: { ...field.extensions, rule: validate } } : field
	}
}

SchemaBuilder.registerPlugin('rest', RestPlugin)

declare global {
	export namespace PothosSchemaTypes {
		interface Plugins<Types extends SchemaTypes> {
			rest: RestPlugin<Types>
		}
		interface QueryFieldOptions<
			Types extends SchemaTypes,
			Type extends TypeParam<Types>,
			Nullable extends FieldNullability<Type>,
			Args extends InputFieldMap,
			ResolveReturnShape,
		> {
			rest?: RestOption
		}
		interface MutationFieldOptions<
			Types extends SchemaTypes,
			Type extends TypeParam<Types>,
			Nullable extends FieldNullability<Type>,
			Args extends InputFieldMap,
			ResolveReturnShape,
		> {
			rest?: RestOption
		}
		interface SubscriptionFieldOptions<
			Types extends SchemaTypes,
			Type extends TypeParam<Types>,
			Nullable extends FieldNullability<Type>,
			Args extends InputFieldMap,
			ResolveShape,
			ResolveReturnShape,
		> {
			rest?: RestOption | readonly RestOption[]
		}
		interface ObjectFieldOptions<
			Types extends SchemaTypes,
			ParentShape,
			Type extends TypeParam<Types>,
			Nullable extends FieldNullability<Type>,
			Args extends InputFieldMap,
			ResolveReturnShape,
		> {
			rest?: NestedOption
		}
		interface InterfaceFieldOptions<
			Types extends SchemaTypes,
			ParentShape,
			Type extends TypeParam<Types>,
			Nullable extends FieldNullability<Type>,
			Args extends InputFieldMap,
			ResolveReturnShape,
		> {
			rest?: NestedOption
		}
	}
}

declare module 'graphql' {
	interface GraphQLFieldExtensions<_TSource, _TContext, _TArgs> {
		rest?: RestExtension | readonly RestExtension[] | false
		/** Whether REST leaves it out where it is null. */
		restIfAny?: true
	}
	interface GraphQLArgumentExtensions {
		/** What values must be like beyond their type: the OpenAPI document reads it. */
		rule?: ZodType
	}
	interface GraphQLInputFieldExtensions {
		rule?: ZodType
	}
	interface GraphQLScalarTypeExtensions {
		/** How JSON shows the scalar: read by the OpenAPI document. */
		jsonSchema?: Readonly<Record<string, unknown>>
	}
}
