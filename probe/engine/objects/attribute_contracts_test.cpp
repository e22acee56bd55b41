// Attributes that an engine reads of its own objects, and the classes that lack them.

#include <gtest/gtest.h>

#include "probe/engine/test_engine.hpp"

namespace fusegate::probe {
namespace {

class AttributeContracts : public EngineTest {
 protected:
  /// Judges what follows a loop over all objects of the class Layer, from line 4 on, against the
  /// classes of eng/layers.py.
  void check_loop(const std::string& body, const std::string& classes, Files more = {}) {
    more["a.py"] =
        "from eng.config import find_objects\n"
        "from eng.layers import *\n"
        "for layer in find_objects(config, Layer).values():\n" +
        body;
    check_engine_of(classes, std::move(more));
  }
  void check_engine_of(const std::string& classes, Files files) {
    files["config.py"] = "def find_objects(config, layer_type, names=None): ...\n";
    files["layers.py"] = classes;
    check(files, {});
  }
};

/// One has what the other lacks.
const std::string two_classes =
    "class Layer:\n"
    "    def __init__(self):\n"
    "        self.size = 1\n"
    "class Old(Layer):\n"
    "    def __init__(self):\n"
    "        super().__init__()\n"
    "        self.num_v_heads = 2\n"
    "class New(Layer):\n"
    "    def __init__(self):\n"
    "        super().__init__()\n"
    "        self.num_heads = 2\n";

TEST_F(AttributeContracts, NamesTheClassThatLacksOne) {
  check_loop("    layer.size\n    layer.num_v_heads\n", two_classes);
  EXPECT_EQ(gaps(), (Texts{"5 Layer num_v_heads missing", "5 New num_v_heads missing"}));
  const auto& gap = check_.attributes.gaps.back();
  EXPECT_EQ(gap.detail, "num_v_heads of New (eng/layers.py:8): nothing sets it; it has num_heads");
  EXPECT_EQ(check_.attributes.ok, 4u);
}

TEST_F(AttributeContracts, OneOfSeveralIsEnough) {
  const std::string either =
      "    heads = getattr(layer, 'num_v_heads', None) or getattr(layer, 'num_heads', None)\n";
  check_loop(either, two_classes);
  EXPECT_EQ(gaps(), Texts{}) << "without one it is None, which may be what is meant";
  check_loop(either + "    assert heads is not None\n", two_classes);
  EXPECT_EQ(gaps(), Texts{"4 Layer num_v_heads|num_heads missing"});
  check_loop("    getattr(layer, 'num_v_heads', 0) or layer.num_heads\n", two_classes);
  EXPECT_EQ(gaps(), Texts{"4 Layer num_v_heads|num_heads missing"});
  check_loop("    layer.num_v_heads or layer.num_heads\n", two_classes);
  EXPECT_EQ(gaps().size(), 4u) << "the first raises where it is missing";
}

TEST_F(AttributeContracts, WhatIsAskedForMayBeMissing) {
  for (const std::string body :
       {"    getattr(layer, 'num_v_heads', 1)\n",
        "    if hasattr(layer, 'num_v_heads'):\n        layer.num_v_heads\n",
        "    x = hasattr(layer, 'num_v_heads') and layer.num_v_heads\n",
        "    if not hasattr(layer, 'num_v_heads'): continue\n    layer.num_v_heads\n",
        "    if getattr(layer, 'num_v_heads', None) is not None:\n        layer.num_v_heads\n",
        "    n = getattr(layer, 'num_v_heads', None)\n    if n: layer.num_v_heads\n",
        "    try: layer.num_v_heads\n    except AttributeError: pass\n",
        "    layer.num_v_heads = 3\n    layer.num_v_heads\n",
        "    setattr(layer, 'num_v_heads', 3)\n    layer.num_v_heads\n",
        "    if hasattr(layer, 'num_v_heads'): pass\n"}) {
    check_loop(body, two_classes);
    EXPECT_EQ(gaps(), Texts{}) << body;
  }
  check_loop("    x = layer.num_v_heads if hasattr(layer, 'num_v_heads') else layer.num_heads\n",
             two_classes);
  EXPECT_EQ(gaps(), Texts{"4 Layer num_heads|num_v_heads missing"});
  check_loop("    try: layer.num_v_heads\n    except AttributeError: raise\n", two_classes);
  EXPECT_EQ(gaps().size(), 2u) << "a handler that raises takes nothing";
}

TEST_F(AttributeContracts, TestsOfTheClassNarrow) {
  for (const std::string body :
       {"    if isinstance(layer, Old):\n        layer.num_v_heads\n",
        "    if not isinstance(layer, Old): continue\n    layer.num_v_heads\n",
        "    assert isinstance(layer, Old)\n    layer.num_v_heads\n",
        "    if type(layer) is Old and layer.num_v_heads: pass\n",
        "    if isinstance(layer, (Layer, New)) and not isinstance(layer, Old): pass\n"
        "    elif isinstance(layer, Old): layer.num_v_heads\n"}) {
    check_loop(body, two_classes);
    EXPECT_EQ(gaps(), Texts{}) << body;
  }
  check_loop("    if isinstance(layer, Old): pass\n    else: layer.num_v_heads\n", two_classes);
  EXPECT_EQ(gaps().size(), 2u);
  check_loop("    if isinstance(layer, New):\n        layer.num_v_heads\n", two_classes);
  EXPECT_EQ(gaps(), Texts{"5 New num_v_heads missing"});
  check_loop("    if isinstance(layer, config.kinds):\n        layer.num_v_heads\n", two_classes);
  EXPECT_EQ(gaps(), (Texts{"5 Layer num_v_heads unresolved", "5 New num_v_heads unresolved"}));
}

TEST_F(AttributeContracts, FollowsHowObjectsAreReached) {
  for (const std::string body :
       {"for _, layer in objects.items(): layer.gone\n", "objects['a'].gone\n",
        "list(objects.values())[0].gone\n", "next(iter(objects.values())).gone\n",
        "x = [layer.gone for layer in objects.values()]\n",
        "x = {n: l for n, l in objects.items()}\nx['a'].gone\n",
        "for i, layer in enumerate(objects.copy().values()): layer.gone\n",
        "if (layer := objects.get('a')) is not None: layer.gone\n",
        "layer = objects[n]\nlayer.gone\n", "def f():\n    print(f'{objects[n].gone}')\n"}) {
    check_engine_of(
        "class Layer: ...\n",
        {{"a.py",
          "from eng.config import find_objects as find_objects\nfrom eng import layers\n"
          "objects = find_objects(config, layers.Layer)\n" +
              body}});
    ASSERT_EQ(gaps().size(), 1u) << body;
    EXPECT_NE(gaps().front().find("Layer gone missing"), std::string::npos);
  }
  for (const std::string body :
       {"objects.gone\n", "for name in objects: name.gone\n", "for n in objects.keys(): n.gone\n",
        "for name, _ in objects.items(): name.gone\n",
        "layer = objects['a']\nlayer = 1\nlayer.gone\n", "def f(objects): objects['a'].gone\n"}) {
    check_engine_of("class Layer: ...\n",
                    {{"a.py",
                      "from eng.config import find_objects\nfrom eng.layers import Layer\n"
                      "objects = find_objects(config, Layer)\n" +
                          body}});
    EXPECT_EQ(gaps(), Texts{}) << body;
  }
}

TEST_F(AttributeContracts, AMethodSeesWhatAnotherKept) {
  check_engine_of("class Layer: ...\n",
                  {{"a.py",
                    "from eng.config import find_objects\nfrom eng.layers import Layer\n"
                    "class Pass:\n"
                    "    def run(self):\n"
                    "        for layer in self.layers.values(): layer.gone\n"
                    "    def __init__(self):\n"
                    "        self.layers = find_objects(config, Layer)\n"}});
  EXPECT_EQ(gaps(), Texts{"5 Layer gone missing"});
  EXPECT_EQ(check_.attributes.gaps.front().function, "Pass.run");
}

TEST_F(AttributeContracts, TakesWhatBasesAndBodiesGive) {
  for (const std::string classes :
       {"class Base:\n    x = 1\nclass Layer(Base): ...\n",
        "class Mixin:\n    def f(self): self.x = 1\nclass Layer(object, Mixin): ...\n",
        "class Layer:\n    @property\n    def x(self): ...\n",
        "class Layer:\n    def x(self): ...\n",
        "from dataclasses import dataclass\n@dataclass\nclass Layer:\n    x: int\n",
        "class Layer:\n    __slots__ = ('x', 'y')\n",
        "import torch\nfrom torch import nn\nclass Layer(nn.Module):\n    def __init__(self):\n"
        "        self.register_buffer('x', None)\n",
        "class Layer:\n    class x: ...\n"}) {
    check_loop("    layer.x\n    layer.__class__\n", classes);
    EXPECT_EQ(gaps(), Texts{}) << classes;
    EXPECT_EQ(check_.attributes.ok, 2u) << classes;
  }
  check_loop("    layer.training\n    layer.x\n",
             "from torch import nn\nclass Layer(nn.Module): ...\n");
  EXPECT_EQ(gaps(), Texts{"5 Layer x missing"});
}

TEST_F(AttributeContracts, SaysWhatIsNotKnown) {
  for (const std::string classes :
       {"class Layer:\n    def __getattr__(self, name): ...\n",
        "class Layer:\n    def f(self, name): setattr(self, name, 1)\n",
        "from other import Base\nclass Layer(Base): ...\n", "class Layer(make_base()): ...\n",
        "class Layer:\n    x: int\n"}) {
    check_loop("    layer.x\n", classes);
    EXPECT_EQ(gaps(), Texts{"4 Layer x unresolved"}) << classes;
  }
  check_engine_of("class Layer: ...\n",
                  {{"a.py",
                    "from eng.config import find_objects\nfrom eng.layers import Layer\n"
                    "def f(config, kind):\n"
                    "    find_objects(config, kind)['a'].x\n"
                    "    find_objects(config, Layer, names)['a'].x\n"
                    "    find_objects(config, layer_type=Layer, names=names)['a'].x\n"
                    "    find_objects(config, Layer, None)['a'].x\n"}});
  EXPECT_EQ(gaps(), (Texts{"4  x unresolved", "5 Layer x unresolved", "6 Layer x unresolved",
                           "7 Layer x missing"}));
}

TEST_F(AttributeContracts, JudgesNoClassWithoutInstances) {
  check_loop("    layer.x\n",
             "from abc import ABC, abstractmethod\n"
             "class Layer(ABC):\n"
             "    @abstractmethod\n"
             "    def run(self): ...\n"
             "class Between(Layer): ...\n"
             "class Whole(Between):\n"
             "    def run(self): ...\n");
  EXPECT_EQ(gaps(), Texts{"4 Whole x missing"});
}

TEST_F(AttributeContracts, FindsANewClassWithNoNewData) {
  check_loop("    layer.x\n", "class Layer:\n    def __init__(self): self.x = 1\n",
             {{"mid.py", "from eng.layers import Layer as L\nclass Mid(L):\n    x = 2\n"},
              {"models/__init__.py", "from ..mid import Mid\n"},
              {"models/new.py",
               "from eng.models import Mid\nclass New(Mid):\n    def __delattr__(self, n): ...\n"},
              {"models/namesake.py", "from other import Mid\nclass Namesake(Mid): ...\n"}});
  EXPECT_EQ(gaps(), Texts{});
  EXPECT_EQ(check_.attributes.ok, 3u) << "Layer, Mid and New, of which one is two files away";
}

TEST_F(AttributeContracts, AnEngineWithoutSuchCallsCostsNothing) {
  check(Files{{"a.py", "x = 1\n"}}, {});
  EXPECT_EQ(check_.attributes.ok, 0u);
  EXPECT_EQ(engine_->tree().find("eng.a")->facts, nullptr);
}

TEST_F(AttributeContracts, IdsStayWhenLinesMove) {
  check_loop("    layer.num_v_heads\n", two_classes);
  const auto before = id_of(check_.attributes.gaps.back());
  check_loop("    pass\n    layer.num_v_heads\n", "\n" + two_classes);
  EXPECT_EQ(id_of(check_.attributes.gaps.back()), before);
  EXPECT_NE(id_of(check_.attributes.gaps.front()), before);
}

}  // namespace
}  // namespace fusegate::probe
