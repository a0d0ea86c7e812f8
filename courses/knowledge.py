"""The knowledge map: points, what they need, and whether the order of the lessons respects it."""

from __future__ import annotations

from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from courses.stage import Grade
from courses.table_file import line_of, read_table
from fault import Fault

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
    """All points, by id."""

    points: dict[str, KnowledgePoint]
    path: Path = KNOWLEDGE

    def __contains__(self, point_id: str) -> bool:
        return point_id in self.points

    def __getitem__(self, point_id: str) -> KnowledgePoint:
        return self.points[point_id]

    def cycles(self) -> list[list[str]]:
        """Each loop of prerequisites, spelled out from its first point back to itself."""
        needs = {point.id: point.needs for point in self.points.values()}
        try:
            TopologicalSorter(needs).prepare()
        except CycleError:
            import networkx as nx  # finds all loops, and takes a while to import: only where there is one

            return [[*loop, loop[0]] for loop in nx.simple_cycles(nx.DiGraph(needs))]
        return []

    def unknown_needs(self) -> list[tuple[str, str]]:
        """(point, need) where the need is no point of the map."""
        return [(p.id, need) for p in self.points.values() for need in p.needs if need not in self.points]


def read_knowledge(path: Path = KNOWLEDGE) -> KnowledgeMap:
    """Read knowledge.yml. Raises Fault: without the map nothing can be checked."""
    data = read_table(path)
    points = {}
    for key, row in data.items():
        try:
            needs = tuple(row["needs"])
            points[key] = KnowledgePoint(key, row["name"], row["strand"], row["gloss"], needs, row["first_grade"])
        except (KeyError, TypeError) as error:
            line = line_of(path, f"{key}:")
            raise Fault(f"{path}:{line}  知识点 {key} 没有写全。照旁边一行写齐五项，再运行一次。") from error
    return KnowledgeMap(points, path)
