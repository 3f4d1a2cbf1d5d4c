import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import type { Plugin } from 'graphql-yoga'
import { typesFor } from './accepting.ts'
import { GRAPHIQL_TABS } from './graphiql-tabs.ts'
import { createResource, type Resource } from './resource.ts'

const SWAGGER = path.dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))
const swaggerFile = (type: string, name: string): Resource => createResource(type, () => readFile(path.join(SWAGGER, name)))

const HTML = 'text/html; charset=utf-8'
const SCRIPT = 'text/javascript; charset=utf-8'
const STYLE = 'text/css; charset=utf-8'

const SWAGGER_PAGE = `<!doctype html>
<html lang="zh">
<head><meta charset="utf-8"><title>anythingllm-api</title><link rel="stylesheet" href="/api/docs/swagger-ui.css"><link rel="icon" href="/api/docs/favicon-32x32.png"></head>
<body><div id="ui"></div><script src="/api/docs/swagger-ui-bundle.js"></script><script src="/api/docs/start.js"></script></body>
</html>`
const SWAGGER_START = `SwaggerUIBundle({ url: '/api/openapi.json', dom_id: '#ui', persistAuthorization: false, validatorUrl: null })`

const GRAPHIQL_PAGE = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>anythingllm-api</title><link rel="stylesheet" href="/graphql/graphiql.css"><link rel="icon" href="/api/docs/favicon-32x32.png"></head>
<body id="body" class="no-focus-outline"><noscript>GraphiQL needs JavaScript.</noscript><div id="root"></div><script src="/graphql/graphiql.js"></script></body>
</html>`

/** All code and all styles come from files of ours. Both pages set styles of elements by script; GraphiQL's editor keeps its workers in blobs. */
const CONTENT_SECURITY_POLICY = [
	...["default-src 'none'", "script-src 'self'", 'worker-src blob:', "style-src 'self' 'unsafe-inline'"],
	...["img-src 'self' data:", "font-src 'self' data:", "connect-src 'self'"],
	...["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
].join('; ')

const page = (html: string): Resource => createResource(HTML, async () => html, { 'content-security-policy': CONTENT_SECURITY_POLICY })
const swagger = page(SWAGGER_PAGE)

const DOCS: Readonly<Record<string, Resource>> = {
	'/': swagger, // but for reading, which leads there
	'/api/docs': swagger,
	'/api/docs/': swagger,
	'/api/docs/start.js': createResource(SCRIPT, async () => SWAGGER_START),
	'/api/docs/swagger-ui.css': swaggerFile(STYLE, 'swagger-ui.css'),
	'/api/docs/swagger-ui-bundle.js': swaggerFile(SCRIPT, 'swagger-ui-bundle.js'),
	'/api/docs/favicon-32x32.png': swaggerFile('image/png', 'favicon-32x32.png'),
}

const GRAPHIQL = page(GRAPHIQL_PAGE)
const GRAPHIQL_FILES: Readonly<Record<string, Resource>> = {
	'/graphql/graphiql.css': createResource(STYLE, async () => (await graphiql()).style),
	'/graphql/graphiql.js': createResource(SCRIPT, async () => (await graphiql()).script),
}

const TO_DOCS = { status: 302, headers: { location: '/api/docs' } }

/** Of a browser that opens a page. Programs that take anything get GraphQL. */
const graphqlTypes = typesFor('application/json', 'application/graphql-response+json', 'text/event-stream', 'multipart/mixed', 'text/html')

/** The pages for people, served by ourselves: GraphiQL for browsers at `/graphql`, Swagger UI at `/api/docs`. */
export function usePages(options: { graphiql: boolean }): Plugin {
	const files = new Map(Object.entries(options.graphiql ? { ...DOCS, ...GRAPHIQL_FILES } : DOCS))
	const isGraphiQL = ({ method, headers }: Request) =>
		options.graphiql && (method === 'GET' || method === 'HEAD') && graphqlTypes(headers.get('accept')) === 'text/html'
	return {
		onRequest({ request, url: { pathname }, endResponse, fetchAPI }) {
			const { method } = request
			if (pathname === '/' && (method === 'GET' || method === 'HEAD')) return endResponse(new fetchAPI.Response(null, TO_DOCS))
			const resource = pathname === '/graphql' && isGraphiQL(request) ? GRAPHIQL : files.get(pathname)
			return resource?.(request, fetchAPI).then(endResponse)
		},
	}
}

/** GraphiQL comes as one page, whose script and style we serve as files. Loaded when first asked for: it weighs megabytes. */
async function graphiql(): Promise<{ style: string; script: string }> {
	const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql')
	type Options = Parameters<typeof renderGraphiQL>[0]
	const html = renderGraphiQL({
		title: 'anythingllm-api',
		endpoint: '/graphql',
		subscriptionsProtocol: 'GRAPHQL_SSE',
		defaultTabs: GRAPHIQL_TABS,
		defaultEditorToolsVisibility: 'variables',
		shouldPersistHeaders: false, // a token is not for the browser to keep
	} as unknown as Options)
	const [, style, script] = /<style>(.*?)<\/style>.*?<script>(.*)<\/script>/s.exec(html) ?? []
	if (!style || !script) throw new Error('GraphiQL’s page has another form than expected')
	return { style, script }
}
