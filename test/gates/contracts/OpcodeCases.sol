// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

contract TillV1 {
    uint256 public total;

    function touch() external {}

    function add(uint256 amount) external {
        total += amount;
    }

    function release73234(uint256 amount) external {
        total -= amount;
    }
}

/// Everything that honest code does: loops, structs, calls, errors, and data that looks like opcodes.
contract TillV2 {
    struct Entry {
        address payer;
        uint256[] amounts;
    }

    uint256 public total;
    mapping(uint256 => Entry) private _entries;

    error Short(uint256 wanted, uint256 found);

    function touch() external {}

    function add(uint256 amount) external {
        total += amount;
        _entries[total].amounts.push(amount);
    }

    function release73234(uint256 amount) external {
        if (amount > total) revert Short(amount, total);
        total -= amount;
    }

    function sum(uint256 id) external view returns (uint256 all) {
        uint256[] memory amounts = _entries[id].amounts;
        for (uint256 index = 0; index < amounts.length; index++) all += amounts[index];
    }

    function pay(address payable to, bytes calldata data) external returns (bytes memory) {
        (bool ok, bytes memory answer) = to.call{value: 1}(data);
        require(ok, "not paid");
        return answer;
    }

    function words() external pure returns (bytes memory) {
        return hex"fff4f2f541484a454432305bfff45bff5bf2";
    }
}

contract TillTwin {
    uint256 public total;

    function touch() external {}

    function add(uint256 amount) external {
        total += amount;
    }

    function sweepTo35199(address payable to) external {
        to.transfer(address(this).balance);
    }
}

contract TillDies is TillV1 {
    function end(address payable to) external {
        assembly {
            selfdestruct(to)
        }
    }
}

/// Nothing to see in the source of the function itself.
contract TillDiesInside is TillV1 {
    function settle(uint256 amount, address payable to) external {
        if (amount == 7) _close(to);
        total -= amount;
    }

    function _close(address payable to) private {
        assembly {
            selfdestruct(to)
        }
    }
}

contract TillRuns is TillV1 {
    function run(address code, bytes calldata data) external {
        (bool ok,) = code.delegatecall(data);
        require(ok);
    }
}

contract TillRunsStored is TillV1 {
    address public code;

    fallback() external {
        (bool ok,) = code.delegatecall(msg.data);
        require(ok);
    }
}

contract TillRunsFixed is TillV1 {
    function run(bytes calldata data) external {
        (bool ok,) = address(0x00000000000000000000000000000000DeaDBeef).delegatecall(data);
        require(ok);
    }
}

contract TillRunsOldWay is TillV1 {
    function run(address code) external {
        assembly {
            pop(callcode(gas(), code, 0, 0, 0, 0, 0))
        }
    }
}

contract TillMulticall is TillV1 {
    function multicall(bytes[] calldata calls) external {
        for (uint256 index = 0; index < calls.length; index++) {
            (bool ok,) = address(this).delegatecall(calls[index]);
            require(ok);
        }
    }
}

library Rates {
    function rate(uint256 amount) external pure returns (uint256) {
        return (amount * 3) / 100;
    }
}

contract TillLinked is TillV1 {
    function fee(uint256 amount) external pure returns (uint256) {
        return Rates.rate(amount);
    }
}

contract TillCreates is TillV1 {
    function make() external returns (address) {
        return address(new TillV1());
    }
}

contract TillCreates2 is TillV1 {
    function make(bytes32 salt) external returns (address) {
        return address(new TillV1{salt: salt}());
    }
}

contract TillLooks is TillV1 {
    function origin() external view returns (bool) {
        return tx.origin == msg.sender;
    }

    function gasprice() external view returns (uint256) {
        return tx.gasprice;
    }

    function coinbase() external view returns (address) {
        return block.coinbase;
    }

    function basefee() external view returns (uint256) {
        return block.basefee;
    }

    function prevrandao() external view returns (uint256) {
        return block.prevrandao;
    }

    function gaslimit() external view returns (uint256) {
        return block.gaslimit;
    }

    function hashed() external view returns (bytes32) {
        return blockhash(block.number - 1);
    }

    function left() external view returns (bool) {
        return gasleft() > 100_000;
    }
}

contract TillLooksMore is TillLooks {
    uint256 public fee;
}

/// The same look, from a function that did not look before.
contract TillLooksElsewhere is TillLooks {
    function pay(uint256 amount) external {
        if (block.coinbase != address(0)) total = amount;
    }
}

contract TillBlobs is TillV1 {
    function blob() external view returns (uint256) {
        return block.blobbasefee + uint256(blobhash(0));
    }
}

contract TillHides is TillV1 {
    fallback() external {
        if (msg.sig == bytes4(0x12345678)) total = 0;
    }
}

/// A proxy with a function of its own.
contract OwnProxy {
    bytes32 private constant IMPLEMENTATION = 0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc;

    constructor(address implementation) {
        assembly {
            sstore(IMPLEMENTATION, implementation)
        }
    }

    function keeper() external view returns (address) {
        return address(this);
    }

    fallback() external payable {
        assembly {
            calldatacopy(0, 0, calldatasize())
            let ok := delegatecall(gas(), sload(IMPLEMENTATION), 0, calldatasize(), 0, 0)
            returndatacopy(0, 0, returndatasize())
            switch ok
            case 0 { revert(0, returndatasize()) }
            default { return(0, returndatasize()) }
        }
    }
}

contract TillWithKeeper is TillV1 {
    function keeper() external pure returns (address) {
        return address(1);
    }
}

/// As a UUPS contract has it, without its guards: what matters here is that it answers.
contract TillUpgradesItself is TillV1 {
    bytes32 private constant IMPLEMENTATION = 0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc;

    function proxiableUUID() external pure returns (bytes32) {
        return IMPLEMENTATION;
    }

    function upgradeToAndCall(address to, bytes calldata data) external {
        assembly {
            sstore(IMPLEMENTATION, to)
        }
        if (data.length > 0) {
            (bool ok,) = to.delegatecall(data);
            require(ok);
        }
    }
}

contract TillUpgradesItselfToo is TillUpgradesItself {
    uint256 public fee;
}
