"""The words of the search: Sphinx's own for Chinese, which looks through a list of all Latin words for each word."""

from __future__ import annotations

from functools import cache
from typing import Any

from sphinx.search.zh import SearchChinese


class LatinTerms(set[str]):
    """Sphinx extends it as the list it takes it for."""

    extend = set.update


class SearchWords(SearchChinese):
    """In a house of a hundred lessons the list made stemming the longest part of the build."""

    latin_terms: Any = LatinTerms()

    def init(self, options: dict[str, str]) -> None:
        super().init(options)
        self.stem = cache(super().stem)  # type: ignore[method-assign]
