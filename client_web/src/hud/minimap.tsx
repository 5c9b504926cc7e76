import type { TileMap } from "gameserver-client";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Fighter } from "../field/arena.js";
import { drawSmall, TILE_PX } from "../field/ground.js";
import { css, fighterColour } from "../theme.js";

const WIDE = 200;
const HIGH = 132;

/** The whole map, with all fighters that are seen. */
export function MiniMap({ map, fighters }: { map: TileMap; fighters: readonly Fighter[] }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const side = Math.min(WIDE / map.width, HIGH / map.height);
  const ground = useMemo(() => drawSmall(map, side * 2), [map, side]);
  useEffect(() => {
    const pen = canvas.current?.getContext("2d");
    if (!pen) return;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.drawImage(ground, 0, 0);
    pen.fillStyle = "rgb(10 13 18 / 35%)";
    pen.fillRect(0, 0, ground.width, ground.height);
    pen.scale((side * 2) / TILE_PX, (side * 2) / TILE_PX);
    for (const { x, y, team, seat, alive, own } of fighters) {
      if (!alive) continue;
      const radius = own ? 26 : 20;
      pen.fillStyle = own ? "#ffffff" : css(fighterColour(team, seat));
      pen.beginPath();
      if (team === 2) {
        pen.moveTo(x, y - radius * 1.2);
        pen.lineTo(x + radius * 1.2, y);
        pen.lineTo(x, y + radius * 1.2);
        pen.lineTo(x - radius * 1.2, y);
      } else pen.arc(x, y, radius, 0, 2 * Math.PI);
      pen.fill();
    }
  });
  return <canvas class="glass minimap" ref={canvas} width={ground.width} height={ground.height} />;
}
