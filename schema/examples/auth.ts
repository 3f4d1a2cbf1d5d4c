const admin = {
	id: 1,
	username: 'admin',
	role: 'admin',
	createdAt: '2024-01-01T00:00:00.000Z',
	lastLogin: '2024-01-01T12:00:00.000Z',
}

export const auth = {
	login: {
		title: '用户登录',
		request: { username: 'admin', password: 'password' },
		data: { token: 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9...', user: admin },
	},
	verify: { title: '验证令牌', data: { valid: true, user: admin } },
	logout: { title: '退出登录', data: {} },
}
