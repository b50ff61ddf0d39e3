// The drawing next to the forms: a search, and photos in rows with the objects that PixTag has found.

export function Mosaic() {
  return (
    <svg class="mosaic" viewBox="0 0 720 960" preserveAspectRatio="xMidYMid slice" aria-hidden="true">
      {TILES.map(([x, y, width, height, tone]) => (
        <rect key={`${x},${y}`} class={`mosaic-${tone}`} x={x} y={y} width={width} height={height} rx="14" />
      ))}
      <path
        class="mosaic-far"
        d="M24 438V392c60-58 104-66 150-26 42-44 82-46 130-8v80a14 14 0 0 1-14 14H38a14 14 0 0 1-14-14z"
      />
      <circle class="mosaic-light" cx="250" cy="296" r="24" />
      <g class="mosaic-near">
        <circle cx="92" cy="372" r="13" />
        <path d="M70 440c0-66 44-66 44 0z" />
        <circle cx="146" cy="384" r="11" />
        <path d="M128 440c0-52 36-52 36 0z" />
        <path d="M508 664l76-118v118zM496 676h106l-20 32h-64z" />
      </g>
      <g class="mosaic-near">
        <path d="M236 652v-40l34-10 30-40h76l34 44 26 8v38z" />
        <circle cx="280" cy="652" r="20" />
        <circle cx="392" cy="652" r="20" />
        <path d="M96 920v-62c0-26 18-36 44-36h64l18-30 10 22h22l8 18-16 16h-18v72h-16v-40h-84v40z" />
      </g>
      <path class="mosaic-light" d="M308 606l20-30h14v30zM352 576h18l24 30h-42z" />
      <path class="mosaic-far" d="M464 706h240v16a14 14 0 0 1-14 14H478a14 14 0 0 1-14-14z" />
      <circle class="mosaic-near" cx="426" cy="350" r="52" />
      <circle class="mosaic-light" cx="426" cy="350" r="44" />
      <path class="mosaic-hands" d="M426 350l-18-12M426 350l26-20" />
      <g class="mosaic-find">
        <rect x="60" y="350" width="114" height="96" rx="8" />
        <rect x="366" y="290" width="120" height="120" rx="8" />
        <rect x="484" y="534" width="130" height="184" rx="8" />
        <rect x="226" y="550" width="220" height="130" rx="8" />
        <rect x="84" y="780" width="192" height="150" rx="8" />
      </g>
      <rect class="mosaic-match" x="24" y="236" width="280" height="216" rx="14" />
      <g class="mosaic-search">
        <rect x="130" y="104" width="460" height="68" rx="34" />
        <path d="M176 146a13 13 0 1 0 0-26 13 13 0 0 0 0 26zM194 151l-8-8" />
        <text x="212" y="146">
          {"person>=2"}
        </text>
      </g>
      {LABELS.map(([x, y, width, tag, count]) => (
        <g key={tag} class="mosaic-label">
          <rect x={x} y={y} width={width} height="32" rx="16" />
          <path d={`M${x + width - 33} ${y + 8}v16`} />
          <text x={x + (width - 29) / 2} y={y + 21.5}>
            {tag}
          </text>
          <text x={x + width - 18} y={y + 21.5}>
            {count}
          </text>
        </g>
      ))}
    </svg>
  );
}

const TILES: readonly (readonly [number, number, number, number, string])[] = [
  [-60, 24, 200, 200, "a"],
  [152, 24, 280, 200, "b"],
  [444, 24, 300, 200, "c"],
  [24, 236, 280, 216, "d"],
  [316, 236, 220, 216, "b"],
  [548, 236, 220, 216, "a"],
  [-60, 464, 260, 272, "c"],
  [212, 464, 240, 272, "a"],
  [464, 464, 240, 272, "d"],
  [24, 748, 320, 220, "b"],
  [356, 748, 180, 220, "d"],
  [548, 748, 220, 220, "c"],
];

const LABELS: readonly (readonly [number, number, number, string, number])[] = [
  [60, 308, 112, "person", 2],
  [366, 248, 100, "clock", 1],
  [484, 492, 92, "boat", 1],
  [226, 508, 84, "car", 1],
  [84, 738, 88, "dog", 1],
];
