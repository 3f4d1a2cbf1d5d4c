/** What GraphiQL shows at first: a tab a step, from signing in to an answer. */
export interface Tab {
	query: string
	/** JSON. */
	variables?: string
	/** JSON. */
	headers?: string
}

const HEADERS = '{\n  "Authorization": "Bearer <the token of the first tab>"\n}'
const signedIn = (query: string, variables?: object): Tab => ({
	query,
	headers: HEADERS,
	...(variables && { variables: JSON.stringify(variables, null, 2) }),
})

export const GRAPHIQL_TABS: readonly Tab[] = [
	{
		query: `# Sign in: the password goes into the variables below.
# Copy the token of the answer into the headers
# (beside the variables) of the other tabs.
# The first icon on the left describes everything.
mutation SignIn($input: LoginInput!) {
  login(input: $input) {
    token
    user { id username role }
  }
}
`,
		variables: JSON.stringify({ input: { username: 'admin', password: '' } }, null, 2),
		headers: '{}',
	},
	signedIn(`query Workspaces {
  viewer { id username role }
  workspaces(first: 10, orderBy: { field: NAME }) {
    totalCount
    pageInfo { hasNextPage endCursor }
    edges {
      node {
        id
        name
        slug
        documents(first: 5, orderBy: { field: CREATED_AT, direction: DESC }) {
          totalCount
          edges { node { id originalName status } }
        }
      }
    }
  }
}
`),
	signedIn(
		`# An answer as it comes. It goes on when you leave:
# with a requestId in the input it is found again.
subscription Ask($slug: String!, $input: ChatInput!) {
  chat(slug: $slug, input: $input) {
    __typename
    sequence
    ... on ChatSources { sources { document score chunk } }
    ... on ChatDelta { text }
    ... on ChatCompleted {
      chat { id response threadId }
      citations { marker document quote }
      usage { totalTokens }
    }
    ... on ChatFailed { code error partial }
  }
}
`,
		{ slug: 'default-workspace', input: { message: 'What are the documents about?' } },
	),
	signedIn(
		`query Search($slug: String!, $query: String!) {
  search(slug: $slug, query: $query, first: 5) {
    totalCount
    edges { node { document page score chunk } }
  }
}
`,
		{ slug: 'default-workspace', query: 'holidays' },
	),
	signedIn(
		`# Upload a document meanwhile, with another client:
# GraphiQL sends no files.
subscription Documents($slug: String!) {
  documentEvents(slug: $slug) {
    __typename
    documentId
    ... on DocumentProgressed { filename status progress { done total } error { reason } }
  }
}
`,
		{ slug: 'default-workspace' },
	),
]
