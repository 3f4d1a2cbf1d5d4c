import { NoSchemaIntrospectionCustomRule } from 'graphql'
import type { Plugin } from 'graphql-yoga'

/** Keeps the schema to itself: no introspection, and no suggestions in errors. */
export function useNoIntrospection(): Plugin {
	return {
		onValidate({ addValidationRule }) {
			addValidationRule(NoSchemaIntrospectionCustomRule)
			return ({ result, setResult }) => {
				setResult(result.map((error) => Object.assign(error, { message: error.message.replace(/ Did you mean .*$/s, '') })))
			}
		},
	}
}
