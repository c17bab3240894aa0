import json
import sys
from fractions import Fraction
from hashlib import sha256
from pathlib import Path


def sha(text):
    return sha256(text.encode()).hexdigest()


record = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
drawn = set()
for layer in {unit["stratum"] for unit in record["units"]}:
    units = [unit for unit in record["units"] if unit["stratum"] == layer]
    units.sort(key=lambda unit: sha(f"{record['seed']}|{layer}|{unit['code']}"))
    mark, end = Fraction(int(sha(f"{record['seed']}|{layer}"), 16), 2**256), 0
    for unit in units:
        chance = Fraction(unit["ratio"])
        if chance == 1:
            drawn.add(unit["code"])
            continue
        end += chance
        if mark < end:
            drawn.add(unit["code"])
            mark += 1
same = drawn == {unit["code"] for unit in record["units"] if unit["drawn"]}
print("抽中：" + "、".join(sorted(drawn)) + ("，与公布的一致。" if same else "，与公布的不一致！"))
sys.exit(not same)
