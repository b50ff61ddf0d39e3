// The drawing next to the forms: photos in rows, some with detected objects.

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
      <path class="mosaic-far" d="M464 706h240v16a14 14 0 0 1-14 14H478a14 14 0 0 1-14-14z" />
      <circle class="mosaic-near" cx="426" cy="350" r="52" />
      <circle class="mosaic-light" cx="426" cy="350" r="44" />
      <path class="mosaic-hands" d="M426 350l-18-12M426 350l26-20" />
      <g class="mosaic-find">
        <rect x="60" y="350" width="114" height="96" rx="8" />
        <rect x="366" y="290" width="120" height="120" rx="8" />
        <rect x="484" y="534" width="130" height="184" rx="8" />
      </g>
      {LABELS.map(([x, y, width, text]) => (
        <g key={text} class="mosaic-label">
          <rect x={x} y={y} width={width} height="30" rx="15" />
          <text x={x + width / 2} y={y + 20.5}>
            {text}
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

const LABELS: readonly (readonly [number, number, number, string])[] = [
  [60, 312, 104, "person 2"],
  [366, 252, 88, "clock 1"],
  [484, 496, 80, "boat 1"],
];
