"""Asks every route of a running gateway whatever its description allows, and more, and compares
each answer with what the description says of it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any, Final

import requests
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode, openapi
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS: Final = [
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]
ENDLESS: Final = "text/event-stream"
REFUSED_BY_OTHERS: Final = (502, 503)
"""A platform or the store was asked and said no: that is no mistake of the gateway."""

HOW_OFTEN_REAL: Final = 0.7
API: Final = " /api/"
SECONDS: Final = 30
WORDS_MAX: Final = 300


class Tour:
    """A stranger asks without a token, a reader with the one that lacks what the route asks for
    (`lacking`, by scope), an operator with `operator`. `real` are values of parameters and of
    fields of bodies that exist, which most requests are made with. `answers` counts what came,
    `complaints` says what should not have.
    """

    def __init__(
        self,
        url: str,
        operator: str,
        lacking: Mapping[str, str],
        real: Mapping[str, list[str]],
        first: int,
    ) -> None:
        self._url, self._operator, self._lacking = url, operator, lacking
        self._real, self._first = real, first
        self._schema = openapi.from_url(f"{url}/api/v1/openapi.json", timeout=SECONDS)
        self.answers: Counter[tuple[str, str, int]] = Counter()
        self.complaints: list[str] = []

    @property
    def operations(self) -> Iterator[Any]:
        for found in self._schema.get_all_operations():
            if not isinstance(found, Ok):
                raise found.err()
            yield found.ok()

    def codes(self, who: str) -> set[int]:
        """What they were answered with, below /api."""
        return {code for label, one, code in self.answers if one == who and API in label}

    def asked(self, who: str, code: int = 0) -> set[str]:
        """Which routes answered them so (0: anything), below /api."""
        wanted = {(who, code)} if code else {(who, any_code) for any_code in self.codes(who)}
        return {
            label for label, *answer in self.answers if tuple(answer) in wanted and API in label
        }

    def run(self, examples: Mapping[str, int]) -> None:
        """So many requests to each route for each of those who ask."""
        with requests.Session() as session:
            for operation in self.operations:
                for who, count in examples.items():
                    self._ask(session, operation, who, count)

    def _ask(self, session: requests.Session, operation: Any, who: str, count: int) -> None:
        valid = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
        try:
            wrong = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
            cases = st.one_of(valid, valid, valid, wrong)  # most are to get as far as a handler
        except Unsatisfiable:
            cases = valid

        @seed(self._first)
        @settings(
            max_examples=count,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(cases, st.randoms(use_true_random=False))
        def ask(case: Any, chance: Random) -> None:
            self._make_real(case, chance)
            self._once(session, case, who)

        try:
            ask()
        except Unsatisfiable:
            self.complaints.append(f"{operation.label}: nothing can be asked of it")

    def _make_real(self, case: Any, chance: Random) -> None:
        bodies = [case.body] if isinstance(case.body, dict) else []
        for fields in (case.path_parameters, *bodies):
            for name in sorted(fields.keys() & self._real.keys()):
                if chance.random() < HOW_OFTEN_REAL:
                    fields[name] = chance.choice(self._real[name])

    def _once(self, session: requests.Session, case: Any, who: str) -> None:
        token = self._token(case, who)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        wanted = case.as_transport_kwargs(base_url=self._url, headers=headers)
        wanted["headers"].pop("Authorization", None)
        wanted["headers"].update(headers)
        with session.request(**wanted, timeout=SECONDS, stream=True) as answer:
            self.answers[case.operation.label, who, answer.status_code] += 1
            try:
                self._judge(case, answer)
            except FailureGroup as group:
                for one in group.exceptions:
                    words = " ".join(str(one).split())[:WORDS_MAX]
                    self.complaints.append(f"{case.operation.label}, {who}: {words}")

    def _token(self, case: Any, who: str) -> str:
        security = case.operation.definition.raw.get("security") or [{"token": [""]}]
        return {
            "stranger": "",
            "reader": self._lacking.get(security[0]["token"][0], ""),
            "operator": self._operator,
        }[who]

    @staticmethod
    def _judge(case: Any, answer: requests.Response) -> None:
        if answer.status_code == 200 and answer.headers["content-type"].startswith(ENDLESS):
            return
        first = [] if answer.status_code in REFUSED_BY_OTHERS else [not_a_server_error]
        case.validate_response(answer, checks=[*first, *CHECKS])
