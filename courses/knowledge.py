"""The knowledge map: points, what they need, and whether the order of the lessons respects it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import networkx as nx
import yaml

from courses.lesson import Grade

KNOWLEDGE = Path(__file__).parent / "knowledge.yml"


@dataclass(frozen=True)
class KnowledgePoint:
    """One thing to understand; `needs` are the ids of the points that must come before."""

    id: str
    name: str
    strand: str
    gloss: str
    needs: tuple[str, ...]
    first_grade: Grade


@dataclass(frozen=True)
class KnowledgeMap:
    """All points, by id, as a directed graph from each point to what builds on it."""

    points: dict[str, KnowledgePoint]
    path: Path = KNOWLEDGE

    def __contains__(self, point_id: str) -> bool:
        return point_id in self.points

    def __getitem__(self, point_id: str) -> KnowledgePoint:
        return self.points[point_id]

    @cached_property
    def graph(self) -> nx.DiGraph:
        graph = nx.DiGraph()
        graph.add_nodes_from(self.points)
        graph.add_edges_from((need, point.id) for point in self.points.values() for need in point.needs)
        return graph

    def cycles(self) -> list[list[str]]:
        """Each loop of prerequisites, spelled out from its first point back to itself."""
        return [[*loop, loop[0]] for loop in nx.simple_cycles(self.graph.reverse(copy=True))]

    def unknown_needs(self) -> list[tuple[str, str]]:
        """(point, need) where the need is no point of the map."""
        return [(p.id, need) for p in self.points.values() for need in p.needs if need not in self.points]


def read_knowledge(path: Path = KNOWLEDGE) -> KnowledgeMap:
    """Read knowledge.yml. Raises OSError or yaml.YAMLError: without the map nothing can be checked."""
    data = yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    points = {
        key: KnowledgePoint(key, row["name"], row["strand"], row["gloss"], tuple(row["needs"]), row["first_grade"])
        for key, row in data.items()
    }
    return KnowledgeMap(points, path)
