"""Contains other words for the names of tags that PixTag detects.

The 80 names and their groups are the categories and supercategories of COCO 2017 (https://cocodataset.org). The other
words are common English words. They were chosen for PixTag in the manner of WordNet: words with the same meaning, and
words for a kind, such as puppy. All words are in the singular, because plurals are derived.
"""

from typing import Final

GROUPS: Final = {
    "vehicle": "bicycle, car, motorcycle, airplane, bus, train, truck, boat",
    "animal": "bird, cat, dog, horse, sheep, cow, elephant, bear, zebra, giraffe",
    "accessory": "backpack, umbrella, handbag, tie, suitcase",
    "sport": "frisbee, skis, snowboard, sports ball, kite, baseball bat, baseball glove, skateboard, surfboard,"
    " tennis racket",
    "tableware": "bottle, wine glass, cup, fork, knife, spoon, bowl",
    "food": "banana, apple, sandwich, orange, broccoli, carrot, hot dog, pizza, donut, cake",
    "furniture": "chair, couch, potted plant, bed, dining table, toilet",
    "electronics": "tv, laptop, mouse, remote, keyboard, cell phone",
    "appliance": "microwave, oven, toaster, sink, refrigerator",
    "fruit": "banana, apple, orange",
    "vegetable": "broccoli, carrot",
    "pet": "dog, cat",
    "farm animal": "cow, sheep, horse",
    "wild animal": "elephant, bear, zebra, giraffe",
    "cutlery": "fork, knife, spoon",
    "bag": "backpack, handbag, suitcase",
    "screen": "tv, laptop, cell phone",
    "seat": "chair, couch, bench",
    "dessert": "cake, donut",
    "drink": "cup, bottle, wine glass",
    "winter sport": "skis, snowboard",
    "kitchen": "oven, refrigerator, sink, microwave, toaster",
    "bathroom": "toilet, sink, toothbrush, hair drier",
}
"""A word for several tags. Its matches have at least one of them."""

GROUP_WORDS: Final = {
    "vehicle": "transport, means of transport",
    "animal": "creature, beast, wildlife, mammal, zoo, safari",
    "sport": "sports equipment",
    "food": "meal, snack, dish, breakfast, lunch, dinner, picnic, something to eat",
    "tableware": "dishes, crockery, utensil",
    "electronics": "device, gadget, electronic",
    "appliance": "kitchen appliance, household appliance",
    "pet": "domestic animal",
    "farm animal": "livestock, cattle and sheep, farm",
    "cutlery": "silverware, flatware",
    "bag": "luggage, baggage",
    "screen": "display",
    "dessert": "sweet, pastry, candy",
    "drink": "beverage",
    "vegetable": "veggie",
}

WORDS: Final = {
    "person": "people, human, human being, man, woman, boy, girl, child, kid, baby, toddler, infant, newborn, teen,"
    " teenager, adult, lady, guy, gentleman, fellow, folk, crowd, family, friend, somebody, someone, anybody, anyone,"
    " everybody, everyone, mother, father, mom, mum, mommy, dad, daddy, parent, grandmother, grandfather, grandma,"
    " grandpa, granny, grandparent, sister, brother, son, daughter, uncle, aunt, cousin, wife, husband, couple, bride,"
    " groom, guest, tourist, visitor, passenger, pedestrian, worker, colleague, student, teacher, doctor, nurse, chef,"
    " cook, waiter, player, athlete, runner, swimmer, hiker, dancer, singer, musician, actor, farmer, police officer,"
    " policeman, fireman, soldier, face, portrait, selfie, spectator, audience, team, customer, shopper, neighbor,"
    " neighbour, individual, old man, old woman, young man, young woman",
    "bicycle": "bike, cycle, push bike, mountain bike, road bike, cycling, biking",
    "car": "automobile, auto, sedan, taxi, cab, suv, convertible, sports car, minivan, hatchback, motorcar, limousine,"
    " police car, driving",
    "motorcycle": "motorbike, moped, scooter, vespa, motor cycle, dirt bike",
    "airplane": "plane, aeroplane, aircraft, jet, airliner, jetliner, jumbo, flight, airport",
    "bus": "coach, minibus, omnibus, school bus, double decker, double decker bus",
    "train": "railway, railroad, locomotive, tram, streetcar, metro, subway, underground, rail, steam engine",
    "truck": "lorry, pickup, pickup truck, fire truck, fire engine, garbage truck, semi, trailer, van, delivery van",
    "boat": "ship, sailboat, sailing boat, yacht, canoe, kayak, ferry, rowing boat, rowboat, vessel, motorboat,"
    " speedboat, gondola, dinghy, cruise ship, sailing, rowing, kayaking, canoeing, harbor, harbour",
    "traffic light": "traffic signal, stoplight, stop light, signal light",
    "fire hydrant": "hydrant, fireplug",
    "stop sign": "road sign, traffic sign, street sign",
    "parking meter": "meter, pay and display",
    "bench": "park bench, pew",
    "bird": "pigeon, seagull, gull, sparrow, duck, duckling, goose, swan, chicken, hen, rooster, eagle, hawk, owl,"
    " parrot, crow, raven, robin, penguin, flamingo, peacock, ostrich, turkey, dove, stork, heron, hummingbird, budgie",
    "cat": "kitten, kitty, kitty cat, tomcat, feline, pussycat, tabby",
    "dog": "puppy, pup, doggy, doggie, hound, canine, pooch, poodle, labrador, retriever, golden retriever, terrier,"
    " bulldog, dachshund, beagle, german shepherd, husky, chihuahua, corgi, collie, spaniel",
    "horse": "pony, foal, stallion, mare, colt, racehorse, donkey, mule, horseback, horseback riding",
    "sheep": "lamb, ram, ewe, flock of sheep, goat",
    "cow": "cattle, bull, calf, ox, bison, buffalo, heifer, steer",
    "elephant": "mammoth",
    "bear": "polar bear, grizzly, grizzly bear, brown bear, black bear, panda, cub",
    "backpack": "rucksack, knapsack, school bag, schoolbag",
    "umbrella": "parasol, brolly, sunshade",
    "handbag": "purse, tote, tote bag, shoulder bag, clutch, pocketbook",
    "tie": "necktie, bow tie, cravat",
    "suitcase": "travel bag, trolley bag, valise, trunk",
    "frisbee": "flying disc, disc golf",
    "skis": "ski, skiing, cross country skiing, ski slope",
    "snowboard": "snowboarding, snow board",
    "sports ball": "ball, football, soccer ball, soccer, basketball, volleyball, tennis ball, baseball ball, golf ball,"
    " beach ball, rugby ball, rugby, handball",
    "kite": "kite flying",
    "baseball bat": "bat, batting",
    "baseball glove": "mitt, catcher mitt, glove",
    "skateboard": "skateboarding, longboard, skating, skate",
    "surfboard": "surfing, surf, surf board, paddleboard, bodyboard, surfer",
    "tennis racket": "racket, racquet, tennis racquet, tennis, badminton",
    "bottle": "flask, water bottle, wine bottle, beer bottle, beer, thermos",
    "wine glass": "glass, goblet, wine, champagne, champagne glass, stemware, drinking glass",
    "cup": "mug, coffee cup, teacup, tea cup, coffee, tea, tumbler, cappuccino, latte, espresso, hot chocolate",
    "knife": "blade, butter knife, kitchen knife, pocket knife",
    "spoon": "ladle, teaspoon, tablespoon",
    "bowl": "dish bowl, soup, soup bowl, salad bowl, salad, cereal",
    "banana": "plantain",
    "sandwich": "sub, burger, hamburger, cheeseburger, toast, panini, bagel, baguette, wrap",
    "orange": "tangerine, mandarin, clementine, citrus, citrus fruit, grapefruit",
    "broccoli": "cauliflower",
    "hot dog": "hotdog, frankfurter, sausage, wiener, bratwurst",
    "pizza": "margherita, pizza slice, slice of pizza",
    "donut": "doughnut, cruller",
    "cake": "birthday cake, wedding cake, cupcake, muffin, pie, cheesecake, gateau, tart, brownie",
    "chair": "armchair, stool, rocking chair, deck chair, office chair, high chair",
    "couch": "sofa, settee, loveseat, divan, futon",
    "potted plant": "plant, houseplant, house plant, flowerpot, flower pot, pot plant, cactus, bonsai",
    "bed": "mattress, bunk bed, crib, cot, bedroom, sleeping",
    "dining table": "table, desk, kitchen table, dinner table, coffee table, picnic table",
    "toilet": "wc, lavatory, loo, restroom, urinal, toilet seat",
    "tv": "television, television set, tv set, telly, monitor, flat screen, computer screen",
    "laptop": "notebook computer, notebook, computer, macbook, pc, laptop computer",
    "mouse": "computer mouse, trackball",
    "remote": "remote control, remote controller, tv remote, television remote, game controller, controller, clicker",
    "keyboard": "computer keyboard, typing, piano",
    "cell phone": "phone, mobile phone, mobile, cellphone, smartphone, smart phone, telephone, iphone, android",
    "microwave": "microwave oven",
    "oven": "stove, cooker, range, kitchen stove",
    "toaster": "toaster oven",
    "sink": "washbasin, basin, wash basin, washbowl, faucet, tap",
    "refrigerator": "fridge, freezer, icebox",
    "book": "novel, textbook, reading, magazine, paperback",
    "clock": "watch, wristwatch, alarm clock, wall clock, clock tower, timepiece, sundial",
    "vase": "urn, flower vase, pitcher, jug, flower, bouquet",
    "scissors": "scissor, shears, pair of scissors",
    "teddy bear": "teddy, stuffed animal, soft toy, plush, plush toy, cuddly toy, stuffed toy, plushie",
    "hair drier": "hair dryer, hairdryer, blow dryer, blow drier, dryer",
    "toothbrush": "tooth brush, brushing teeth, electric toothbrush",
}
"""Other words for a tag."""

PAIRS: Final = {
    "person, bicycle": "cyclist, bicyclist, biker, bike rider, bike ride",
    "person, motorcycle": "motorcyclist",
    "person, horse": "horse rider, horseman, horsewoman, rider, jockey, cowboy",
    "person, skis": "skier",
    "person, snowboard": "snowboarder",
    "person, skateboard": "skateboarder, skater",
    "person, car": "driver",
    "person, boat": "sailor, rower, kayaker, fisherman",
    "person, tennis racket": "tennis player, tennis match, badminton player",
    "person, sports ball": "football player, soccer player, footballer, basketball player, volleyball player,"
    " football match, soccer match, football game, basketball game",
    "person, baseball bat": "baseball player, batter, baseball game, hitter",
    "person, book": "reader",
}
"""Words for several tags together. Their matches have all of them."""

DETECTED_TAGS: Final = frozenset([*WORDS, *(tag for tags in GROUPS.values() for tag in tags.split(", "))])
"""The 80 names of tags that PixTag detects. The keys of counters depend on them (`counter_key` in `row_keys.py`), so
never add or remove one without new keys."""
