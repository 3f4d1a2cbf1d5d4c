"""Signs in for schemathesis: one session for all calls, one of its own for each call that may end it."""

import os

import requests
import schemathesis

URL = os.environ["SCHEMATHESIS_URL"]
CREDENTIALS = {"username": os.environ["SCHEMATHESIS_USERNAME"], "password": os.environ["SCHEMATHESIS_PASSWORD"]}


def sign_in():
    answer = requests.post(f"{URL}/auth/login", json=CREDENTIALS, timeout=30)
    answer.raise_for_status()
    return answer.json()["data"]["token"]


@schemathesis.auth(refresh_interval=None)
class Session:
    token = None

    def get(self, case, context):
        if case.operation.path == "/auth/logout":
            return sign_in()
        Session.token = Session.token or sign_in()
        return Session.token

    def set(self, case, data, context):
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}
